import {
  GraphDrawStyle,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { FieldColorBuilder, FieldColorModeId, MappingType } from '@grafana/grafana-foundation-sdk/dashboard';
import {
  CellValuesBuilder,
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  HeatmapTooltipBuilder,
  PanelBuilder as HeatmapBuilder,
  YAxisConfigBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap';
import { PanelBuilder as StatusHistoryBuilder } from '@grafana/grafana-foundation-sdk/statushistory';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { colourSeries, fillIn, toThresholds, type PanelOptions } from './panels.ts';
import type { Steps } from './palette.ts';

/** A graph's points are at least this far apart: what is scraped every 30 s says nothing finer. */
const LEAST_INTERVAL = '1m';

export interface GraphOptions extends PanelOptions {
  readonly style?: 'line' | 'area' | 'bars';
  /** Names of series that have a colour of their own. */
  readonly series?: readonly string[];
  /** Where a dashed line says that it gets bad. */
  readonly steps?: Steps;
  /** For bars that count: how much time one of them stands for at least. */
  readonly interval?: string;
}

/** Over time: lines, or what adds up to a whole. */
export function graphPanel(options: GraphOptions): TimeSeriesBuilder {
  const { style = 'line', series = [], steps, interval = LEAST_INTERVAL } = options;
  const panel = fillIn(new TimeSeriesBuilder(), options)
    .interval(interval)
    .drawStyle(style === 'bars' ? GraphDrawStyle.Bars : GraphDrawStyle.Line)
    .showPoints(VisibilityMode.Never)
    .fillOpacity(style === 'line' ? 0 : 40)
    .lineWidth(1)
    .axisSoftMin(0)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassicByName))
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs([]),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (style !== 'line') panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  if (steps !== undefined) {
    panel
      .thresholds(toThresholds(steps))
      .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  }
  return colourSeries(panel, series);
}

export interface HeatOptions extends PanelOptions {
  /** A Grafana colour scheme: the more, the further along. */
  readonly scheme: string;
  /** Of the vertical axis; `unit` is that of the cells. */
  readonly axisUnit: string;
  readonly columns: number;
}

/** How many of each bucket over time. */
export function heat(options: HeatOptions): HeatmapBuilder {
  return fillIn(new HeatmapBuilder(), options)
    .interval(LEAST_INTERVAL)
    .maxDataPoints(options.columns)
    .calculate(false)
    .yAxis(new YAxisConfigBuilder().unit(options.axisUnit))
    .color(
      new HeatmapColorOptionsBuilder().mode(HeatmapColorMode.Scheme).scheme(options.scheme).steps(32).exponent(0.5),
    )
    .cellGap(1)
    .cellValues(new CellValuesBuilder().unit(options.unit))
    .showLegend()
    .tooltip(new HeatmapTooltipBuilder().mode(TooltipDisplayMode.Single).yHistogram(true));
}

export interface GridOptions extends PanelOptions {
  /** What each number is called, and its colour. */
  readonly words: Readonly<Record<string, { readonly text: string; readonly color: string }>>;
}

/** A row a series, a cell a moment, each in the colour of its state. */
export function statusGrid(options: GridOptions): StatusHistoryBuilder {
  return fillIn(new StatusHistoryBuilder(), options)
    .showValue(VisibilityMode.Never)
    .rowHeight(0.9)
    .fillOpacity(90)
    .mappings([{ type: MappingType.ValueToText, options: { ...options.words } }])
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs([]),
    );
}
