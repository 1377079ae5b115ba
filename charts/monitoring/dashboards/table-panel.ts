import { TableCellDisplayMode, TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common';
import type { DataTransformerConfig, DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { fillIn, toThresholds, type Link, type PanelOptions } from './panels.ts';
import { NEUTRAL, SERIES_COLOURS, type Steps } from './palette.ts';

/** A column as it is shown. */
export interface Column {
  readonly name: string;
  /** The field of the answer that it is made of; for SQL the column's own name. */
  readonly from?: string;
  readonly unit?: string;
  readonly width?: number;
  readonly steps?: Steps;
  /** Cells are links; more than one opens a menu. */
  readonly links?: readonly Link[];
  /** States that are shown in their colours. */
  readonly states?: readonly string[];
}

export interface TableOptions extends PanelOptions {
  readonly columns: readonly Column[];
  /** What is done to the answer before its columns are named. */
  readonly reshape?: DataTransformerConfig;
  readonly sortBy?: { readonly name: string; readonly isFalling: boolean };
}

/** What an answer of Prometheus has beside the columns that are shown. */
const HIDDEN = { Time: true, namespace: true };

/** A table whose columns stand in the order they are named in. */
export function table(options: TableOptions): PanelBuilder {
  const { columns, reshape, sortBy } = options;
  const panel = fillIn(new PanelBuilder(), options).filterable(true).thresholds(toThresholds(NEUTRAL));
  if (reshape !== undefined) panel.withTransformation(reshape);
  if (columns.some(({ from }) => from !== undefined)) panel.withTransformation(organize(columns));
  for (const column of columns) {
    const properties = listProperties(column);
    if (properties.length > 0) panel.overrideByName(column.name, properties);
  }
  if (sortBy !== undefined) {
    panel.sortBy([new TableSortByFieldStateBuilder().displayName(sortBy.name).desc(sortBy.isFalling)]);
  }
  return panel;
}

function organize(columns: readonly Column[]): DataTransformerConfig {
  const named = columns.map((column, index) => ({ index, name: column.name, from: column.from ?? column.name }));
  return {
    id: 'organize',
    options: {
      excludeByName: HIDDEN,
      indexByName: Object.fromEntries(named.map(({ from, index }) => [from, index])),
      renameByName: Object.fromEntries(named.map(({ from, name }) => [from, name])),
    },
  };
}

function listProperties({ unit, width, steps, links, states }: Column): DynamicConfigValue[] {
  return [
    ...(unit === undefined ? [] : [{ id: 'unit', value: unit }]),
    ...(width === undefined ? [] : [{ id: 'custom.width', value: width }]),
    ...(links === undefined ? [] : [{ id: 'links', value: links.map((link) => ({ ...link, targetBlank: true })) }]),
    ...(steps === undefined ? [] : [{ id: 'thresholds', value: toThresholds(steps).build() }]),
    ...(states === undefined ? [] : [{ id: 'mappings', value: [{ type: 'value', options: toWords(states) }] }]),
    ...(steps === undefined && states === undefined
      ? []
      : [{ id: 'custom.cellOptions', value: { type: TableCellDisplayMode.ColorText } }]),
  ];
}

function toWords(states: readonly string[]): Record<string, { readonly text: string; readonly color: string }> {
  return Object.fromEntries(
    states.map((state) => {
      const color = SERIES_COLOURS[state];
      if (color === undefined) throw new Error(`the state ${state} has no colour`);
      return [state, { text: state, color }];
    }),
  );
}
