import type { Registry } from 'prom-client';
import { registerReadMetric, type MetricSample, type ReadMetric } from './read-metric.ts';

/** How one cache of the cluster stands. */
export interface CacheState {
  readonly resource: string;
  readonly hasSynced: boolean;
  readonly objects: number;
  readonly lists: number;
  readonly watchEnds: Readonly<Record<string, number>>;
  readonly unreadable: number;
  /** Since the server was last heard of; null before the first time. */
  readonly silentMs: number | null;
}

type CacheMetric = Omit<ReadMetric, 'read'> & { readonly toSamples: (cache: CacheState) => readonly MetricSample[] };

const CACHE_METRICS: readonly CacheMetric[] = [
  {
    type: 'gauge',
    name: 'synced',
    help: 'Whether the first list is complete',
    labels: ['resource'],
    toSamples: ({ resource, hasSynced }) => [{ labels: { resource }, value: Number(hasSynced) }],
  },
  {
    type: 'gauge',
    name: 'objects',
    help: 'Objects held',
    labels: ['resource'],
    toSamples: ({ resource, objects }) => [{ labels: { resource }, value: objects }],
  },
  {
    type: 'gauge',
    name: 'silent_seconds',
    help: 'Since the API server was last heard of: an answer, an event or a bookmark',
    labels: ['resource'],
    toSamples: ({ resource, silentMs }) =>
      silentMs === null ? [] : [{ labels: { resource }, value: silentMs / 1_000 }],
  },
  {
    type: 'counter',
    name: 'lists_total',
    help: 'Complete lists, the first one included',
    labels: ['resource'],
    toSamples: ({ resource, lists }) => [{ labels: { resource }, value: lists }],
  },
  {
    type: 'counter',
    name: 'unreadable_total',
    help: 'Objects that could not be read, each time they came',
    labels: ['resource'],
    toSamples: ({ resource, unreadable }) => [{ labels: { resource }, value: unreadable }],
  },
  {
    type: 'counter',
    name: 'watch_ends_total',
    help: 'Watches that ended, by cause',
    labels: ['resource', 'cause'],
    toSamples: ({ resource, watchEnds }) =>
      Object.entries(watchEnds).map(([cause, value]) => ({ labels: { resource, cause }, value })),
  },
];

export function registerCacheMetrics(registry: Registry, readCaches: () => readonly CacheState[]): void {
  for (const { type, name, help, labels, toSamples } of CACHE_METRICS) {
    const read = () => readCaches().flatMap(toSamples);
    registerReadMetric(registry, { type, name: `mallsync_cache_${name}`, help, labels, read });
  }
}
