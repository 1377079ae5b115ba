import { randomBytes, randomUUID } from 'node:crypto';
import { createCluster } from '../../src/adapters/kubernetes/cluster-client.ts';
import { parseJob } from '../../src/adapters/kubernetes/job-parser.ts';
import { parseMallSync } from '../../src/adapters/kubernetes/mall-sync-parser.ts';
import { parsePod } from '../../src/adapters/kubernetes/pod-parser.ts';
import { createEventRecorder } from '../../src/adapters/kubernetes/recorder.ts';
import type { CacheChange, ClusterCache } from '../../src/adapters/kubernetes/reflector/cluster-cache.ts';
import { createClusterCache } from '../../src/adapters/kubernetes/reflector/cluster-cache.ts';
import type { KubeClient } from '../../src/adapters/kubernetes/transport/kube-client.ts';
import type { Database } from '../../src/adapters/postgres/database.ts';
import type { LogFields, Logger } from '../../src/adapters/telemetry/log.ts';
import { lead, type LeadParts } from '../../src/commands/controller/lead.ts';
import { systemClock, type Clock } from '../../src/domain/clock.ts';
import { JOB_SETTINGS } from './job-orders.ts';

export interface ProcessParts {
  /** Unique over all processes of a scenario. */
  readonly name: string;
  readonly client: KubeClient;
  readonly database: Database;
  readonly namespace: string;
  readonly installationId: string;
  readonly logger: Logger;
  readonly onEpoch: (epoch: number) => void;
  /** Aborts when the process is no more. */
  readonly crashed: AbortSignal;
  /** Aborts when it is to drain and leave. */
  readonly stopped: AbortSignal;
}

/** How much faster the controllers' time passes: their patience is made for minutes. */
export const SPEED = 20;
const KEPT_LINES = 40;

const SETTINGS = {
  jobLimit: 30,
  jobsPerSecond: 0,
  workers: 4,
  drainSeconds: 200,
  succeededJobTtlSeconds: 600,
  failedJobTtlSeconds: 86_400,
  startDeadlineSeconds: 900,
};

type Listener = Parameters<LeadParts['subscribe']>[0];

/** What `controller` does once it has its Lease: caches, a term, Events. */
export async function runProcess(parts: ProcessParts): Promise<void> {
  const { name, client, namespace, logger, crashed, stopped, onEpoch } = parts;
  const clock = createFastClock();
  const listeners = new Set<Listener>();
  const cache = createCache(parts, clock, (change, isInitial) => {
    for (const listener of listeners) listener(change, isInitial);
  });
  const recorder = createEventRecorder({
    client,
    clock,
    namespace,
    instance: name,
    createSuffix: () => randomBytes(8).toString('hex'),
    onLost: ({ why }) => logger.warn('Event lost', { why }),
  });
  const background = new AbortController();
  const caching = cache.run(background.signal);
  try {
    await cache.awaitSync(AbortSignal.any([crashed, stopped]));
    const leadParts = {
      settings: SETTINGS,
      io: { signal: stopped },
      database: parts.database,
      log: logger,
      namespace,
      installationId: parts.installationId,
      identity: `${name}_${randomUUID()}`,
      cluster: createCluster({ client, namespace, jobSettings: JOB_SETTINGS }),
      view: cache.view,
      recorder,
      metrics: {
        work: () => ({ queue: {}, workers: {} }),
        trackWork: () => undefined,
        noteTerm: (epoch: number | null) => (epoch === null ? undefined : onEpoch(epoch)),
      },
      clock,
      subscribe: (listener: Listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      onTerm: () => undefined,
    };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a term uses no more of settings and io than this
    await lead(leadParts as unknown as LeadParts, crashed);
    await recorder.drain(crashed);
  } finally {
    background.abort();
    await recorder.drain(background.signal);
    await caching;
  }
}

function createCache(
  { client, namespace, logger }: ProcessParts,
  clock: Clock,
  onChange: (change: CacheChange, isInitial: boolean) => void,
): ClusterCache {
  return createClusterCache({
    client,
    clock,
    random: Math.random,
    namespace,
    parseMallSync,
    parseJob,
    parsePod,
    onChange,
    onFault: (resource, { at, error }) => logger.warn('cache goes on after a fault', { resource, at, error }),
  });
}

function createFastClock(): Clock {
  const beganMs = performance.now();
  const bornMs = Date.now();
  const monotonicMs = (): number => (performance.now() - beganMs) * SPEED;
  return {
    nowMs: () => bornMs + monotonicMs(),
    monotonicMs,
    sleep: (delayMs, signal) => systemClock.sleep(delayMs / SPEED, signal),
  };
}

/** Keeps the last lines of all processes. */
export function createLineLogger(lines: string[], name: string): Logger {
  const say = (message: string, fields: LogFields = {}): void => {
    const text = Object.entries(fields).map(([field, value]) => `${field}=${String(value)}`);
    lines.push(`[${name}] ${message} ${text.join(' ')}`);
    if (lines.length > KEPT_LINES) lines.shift();
  };
  return { debug: say, info: say, warn: say, error: say };
}
