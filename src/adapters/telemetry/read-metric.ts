import { Gauge, type Registry } from 'prom-client';

export interface MetricSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** What the sample's own name has behind the metric's: a part of a histogram. */
  readonly suffix?: '_bucket' | '_sum' | '_count';
}

export interface ReadMetric {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly name: string;
  readonly help: string;
  /** Asked at each rendering. */
  readonly read: () => readonly MetricSample[];
}

/** A metric of values that are kept elsewhere: prom-client's own count by themselves, this one only carries. */
export function registerReadMetric(registry: Registry, { type, name, help, read }: ReadMetric): void {
  const get = () =>
    Promise.resolve({
      name,
      help,
      type,
      values: read().map(({ labels, value, suffix = '' }) => ({ labels, value, metricName: name + suffix })),
    });
  Object.assign(new Gauge({ name, help, registers: [registry] }), { get });
}
