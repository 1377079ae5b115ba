import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';

export const PROMETHEUS: DataSourceRef = { type: 'prometheus', uid: '${datasource}' };
export const POSTGRES: DataSourceRef = { type: 'grafana-postgresql-datasource', uid: '${postgres}' };

/** A query without its letter, which it gets by its place in the panel. */
export interface Query {
  readonly source: DataSourceRef;
  toTarget(refId: string): Builder<Dataquery>;
}

function build(expr: string, legend: string): DataqueryBuilder {
  return new DataqueryBuilder().datasource(PROMETHEUS).expr(expr).legendFormat(legend);
}

/** Over the time range. */
export function graph(expr: string, legend: string): Query {
  return { source: PROMETHEUS, toTarget: (refId) => build(expr, legend).refId(refId).range() };
}

/** At the end of the time range. */
export function now(expr: string, legend = ''): Query {
  return { source: PROMETHEUS, toTarget: (refId) => build(expr, legend).refId(refId).instant() };
}

/** At the end of the time range, a row a series. */
export function rows(expr: string): Query {
  return {
    source: PROMETHEUS,
    toTarget: (refId) => build(expr, '').refId(refId).instant().format(PromQueryFormat.Table),
  };
}

/** Buckets over the time range: series with the label `le`. */
export function buckets(expr: string): Query {
  return {
    source: PROMETHEUS,
    toTarget: (refId) => build(expr, '{{le}}').refId(refId).range().format(PromQueryFormat.Heatmap),
  };
}

interface SqlQuery extends Dataquery {
  readonly refId: string;
  readonly datasource: DataSourceRef;
  readonly editorMode: 'code';
  readonly format: 'table' | 'time_series';
  readonly rawQuery: true;
  readonly rawSql: string;
}

/** `time_series`: columns time, metric and value become a series a metric. */
export function sql(text: string, format: SqlQuery['format'] = 'table'): Query {
  return {
    source: POSTGRES,
    toTarget: (refId) => ({
      build: (): SqlQuery => ({
        refId,
        datasource: POSTGRES,
        editorMode: 'code',
        format,
        rawQuery: true,
        rawSql: text.trim(),
        _implementsDataqueryVariant: () => {},
      }),
    }),
  };
}
