import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  DashboardLinkBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type DynamicConfigValue,
  type Panel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { SERIES_COLOURS, type Steps } from './palette.ts';
import type { Query } from './queries.ts';

/** Where a click on a value or a panel leads. */
export interface Link {
  readonly title: string;
  readonly url: string;
}

export interface PanelOptions {
  readonly title: string;
  /** What it means and what is bad. */
  readonly about: string;
  readonly unit: string;
  readonly queries: readonly [Query, ...Query[]];
  /** Of the grid's 24 columns. */
  readonly width: number;
  /** Of the grid's rows of 30 pixels. */
  readonly height: number;
  /** What stands there when there is no data. */
  readonly noData: string;
  readonly links?: readonly Link[];
  /** Of each value. */
  readonly dataLinks?: readonly Link[];
}

/** What all kinds of panels have in common. */
interface AnyPanel extends Builder<Panel> {
  title(text: string): this;
  description(text: string): this;
  unit(unit: string): this;
  noValue(text: string): this;
  datasource(source: Query['source']): this;
  withTarget(target: ReturnType<Query['toTarget']>): this;
  height(rows: number): this;
  span(columns: number): this;
  links(links: Builder<ReturnType<DashboardLinkBuilder['build']>>[]): this;
  dataLinks(links: Builder<ReturnType<DashboardLinkBuilder['build']>>[]): this;
}

export function fillIn<P extends AnyPanel>(panel: P, options: PanelOptions): P {
  const { queries, links, dataLinks } = options;
  panel
    .title(options.title)
    .description(options.about)
    .unit(options.unit)
    .noValue(options.noData)
    .datasource(queries[0].source)
    .height(options.height)
    .span(options.width);
  for (const [index, query] of queries.entries()) panel.withTarget(query.toTarget(String.fromCodePoint(65 + index)));
  if (links !== undefined) panel.links(links.map(toLink));
  if (dataLinks !== undefined) panel.dataLinks(dataLinks.map(toLink));
  return panel;
}

function toLink({ title, url }: Link): DashboardLinkBuilder {
  return new DashboardLinkBuilder(title).url(url).targetBlank(true);
}

export function toThresholds([lowest, ...steps]: Steps): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([{ value: null, color: lowest }, ...steps.map(([value, color]) => ({ value, color }))]);
}

interface ColouredPanel {
  overrideByName(name: string, properties: DynamicConfigValue[]): this;
}

/** Series of these names keep their colour wherever they are shown. */
export function colourSeries<P extends ColouredPanel>(panel: P, names: readonly string[]): P {
  for (const name of names) {
    const fixedColor = SERIES_COLOURS[name];
    if (fixedColor === undefined) throw new Error(`the series ${name} has no colour`);
    panel.overrideByName(name, [{ id: 'color', value: { mode: 'fixed', fixedColor } }]);
  }
  return panel;
}
