import type { MetricSample } from './read-metric.ts';

/** A total as it is stored: its name is the metric's without the prefix, for a histogram with its part. */
export interface StoredTotal {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

type Labels = Readonly<Record<string, string>>;

const INFINITE = '+Inf';

/**
 * The series of one histogram with all of their buckets, in the order that Prometheus wants. Only buckets that something
 * fell into are stored, and a quantile is wrong where the empty ones below are missing.
 * @param known label sets that exist before anything was counted
 */
export function buildHistogram(
  name: string,
  bounds: readonly number[],
  known: readonly Labels[],
  totals: readonly StoredTotal[],
): readonly MetricSample[] {
  const groups = new Map<string, { readonly labels: Labels; readonly values: Map<string, number> }>();
  const open = (labels: Labels): Map<string, number> => {
    const key = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
    const group = groups.get(key) ?? { labels, values: new Map<string, number>() };
    groups.set(key, group);
    return group.values;
  };
  for (const labels of known) open(labels);
  for (const total of totals) {
    const { le, ...labels } = total.labels;
    if (total.name === `${name}_bucket` && le !== undefined) open(labels).set(le, total.value);
    else if (total.name === `${name}_sum` || total.name === `${name}_count`) {
      open(labels).set(total.name.slice(name.length), total.value);
    }
  }
  return [...groups.values()].flatMap(({ labels, values }) => buildSeries(labels, values, bounds));
}

function buildSeries(
  labels: Labels,
  values: ReadonlyMap<string, number>,
  bounds: readonly number[],
): readonly MetricSample[] {
  const stored = [...values.keys()].filter((key) => Number.isFinite(Number(key)));
  const all = [...new Set([...bounds.map(String), ...stored])].sort((a, b) => Number(a) - Number(b));
  let below = 0;
  const buckets = [...all, INFINITE].map((le): MetricSample => {
    below = values.get(le) ?? below;
    return { labels: { ...labels, le }, value: below, suffix: '_bucket' };
  });
  return [
    ...buckets,
    { labels, value: values.get('_sum') ?? 0, suffix: '_sum' },
    { labels, value: values.get('_count') ?? 0, suffix: '_count' },
  ];
}
