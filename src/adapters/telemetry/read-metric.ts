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
  /** The names of all labels that a sample may have. */
  readonly labels: readonly string[];
  /** Asked at each rendering; one that rejects makes the rendering fail. */
  readonly read: () => readonly MetricSample[] | Promise<readonly MetricSample[]>;
}

/** A metric of values that are kept elsewhere: prom-client's own count by themselves, this one only carries. */
export function registerReadMetric(registry: Registry, { type, name, help, labels, read }: ReadMetric): void {
  const get = async () => ({
    name,
    help,
    type,
    values: (await read()).map((sample) => ({
      labels: sample.labels,
      value: sample.value,
      metricName: name + (sample.suffix ?? ''),
    })),
  });
  Object.assign(new Gauge({ name, help, labelNames: [...labels], registers: [registry] }), { get });
}
