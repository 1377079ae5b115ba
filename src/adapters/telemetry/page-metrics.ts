import { Counter, Histogram, Registry } from 'prom-client';
import { registerProcessMetrics, type ProcessMetricsOptions } from './process-metrics.ts';
import { registerReadMetric } from './read-metric.ts';

export const REQUEST_KINDS = ['page', 'api', 'asset', 'live'] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

export const SIGN_IN_OUTCOMES = ['done', 'refused', 'too_many_tries'] as const;
export type SignInOutcome = (typeof SIGN_IN_OUTCOMES)[number];

/** Nothing in it may be as the visitor wrote it: each value is one of a few that are known beforehand. */
export interface AnsweredRequest {
  /** The pattern of the route, with its parameters' names. */
  readonly route: string;
  readonly method: string;
  readonly status: number;
  /** Null: its duration says nothing of the page. */
  readonly kind: RequestKind | null;
  /** Until the answer begins. */
  readonly seconds: number;
}

/** The page's own series; one object a page. */
export interface PageMetrics {
  /** Of all of its series. */
  readonly registry: Registry;
  onRequest(request: AnsweredRequest): void;
  onSignIn(outcome: SignInOutcome): void;
  /** Where to read how many streams are open. */
  trackViewers(countViewers: () => number): void;
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

const DURATION_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** @param process null where another part of the process tells of the process itself */
export function createPageMetrics(process: ProcessMetricsOptions | null): PageMetrics {
  const registry = new Registry();
  if (process !== null) registerProcessMetrics(registry, process);
  const registers = [registry];
  const requests = new Counter({
    name: 'mallsync_page_requests_total',
    help: 'Requests to the operator’s page and its API, by the pattern of the route, method and status',
    labelNames: ['route', 'method', 'code'],
    registers,
  });
  const durations = new Histogram({
    name: 'mallsync_page_request_duration_seconds',
    help: 'Seconds until the answer to a request begins, by kind; probes are left out',
    labelNames: ['kind'],
    buckets: DURATION_BOUNDS,
    registers,
  });
  for (const kind of REQUEST_KINDS) durations.zero({ kind });
  const onSignIn = registerSignIns(registry);
  let countViewers: (() => number) | null = null;
  registerReadMetric(registry, {
    type: 'gauge',
    name: 'mallsync_page_live_viewers',
    help: 'Open pages that keep themselves up to date',
    labels: [],
    read: () => [{ labels: {}, value: countViewers?.() ?? 0 }],
  });
  return {
    registry,
    onRequest({ route, method, status, kind, seconds }) {
      requests.inc({ route, method, code: String(status) });
      if (kind !== null) durations.observe({ kind }, seconds);
    },
    onSignIn,
    trackViewers(count) {
      countViewers = count;
    },
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

function registerSignIns(registry: Registry): PageMetrics['onSignIn'] {
  const signIns = new Counter({
    name: 'mallsync_page_sign_ins_total',
    help: 'Names and passwords that were given to the page or its API, by what came of it',
    labelNames: ['outcome'],
    registers: [registry],
  });
  for (const outcome of SIGN_IN_OUTCOMES) signIns.inc({ outcome }, 0);
  return (outcome) => signIns.inc({ outcome });
}
