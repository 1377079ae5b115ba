import {
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  ReduceDataOptionsBuilder,
  VizOrientation,
} from '@grafana/grafana-foundation-sdk/common';
import { PanelBuilder as BarGaugeBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import { FieldColorBuilder, FieldColorModeId, MappingType } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { colourSeries, fillIn, toThresholds, type PanelOptions } from './panels.ts';
import { COLOUR, NEUTRAL, type Steps } from './palette.ts';

export interface StatOptions extends PanelOptions {
  readonly steps?: Steps;
  /** Names of series that have a colour of their own. */
  readonly series?: readonly string[];
  /** Words in the place of numbers. */
  readonly words?: Readonly<Record<string, { readonly text: string; readonly color: string }>>;
  /** Names instead of values: which one, not how much. */
  readonly showsNames?: boolean;
}

/** A few large numbers of now. */
export function stat(options: StatOptions): StatBuilder {
  const { steps = NEUTRAL, series = [], words, showsNames = false } = options;
  const panel = fillIn(new StatBuilder(), options)
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .textMode(showsNames ? BigValueTextMode.Name : BigValueTextMode.Auto)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .thresholds(toThresholds(steps));
  if (words !== undefined) panel.mappings([{ type: MappingType.ValueToText, options: { ...words } }]);
  return colourSeries(panel, series);
}

export interface BarsOptions extends PanelOptions {
  readonly steps?: Steps;
  readonly series?: readonly string[];
}

/** A bar a series, of now. */
export function bars(options: BarsOptions): BarGaugeBuilder {
  const { steps = [COLOUR.failed], series = [] } = options;
  const panel = fillIn(new BarGaugeBuilder(), options)
    .displayMode(BarGaugeDisplayMode.Basic)
    .orientation(VizOrientation.Horizontal)
    .showUnfilled(true)
    .min(0)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .thresholds(toThresholds(steps));
  return colourSeries(panel, series);
}
