import { randomBytes, randomUUID } from 'node:crypto';
import { createCluster } from '../../src/adapters/kubernetes/cluster-client.ts';
import { parseJob } from '../../src/adapters/kubernetes/job-parser.ts';
import { parseMallSync } from '../../src/adapters/kubernetes/mall-sync-parser.ts';
import { parsePod } from '../../src/adapters/kubernetes/pod-parser.ts';
import { createEventRecorder } from '../../src/adapters/kubernetes/recorder.ts';
import type { CacheChange, ClusterCache } from '../../src/adapters/kubernetes/reflector/cluster-cache.ts';
import { createClusterCache } from '../../src/adapters/kubernetes/reflector/cluster-cache.ts';
import type { KubeClient } from '../../src/adapters/kubernetes/transport/kube-client.ts';
import { openDatabase, type Database } from '../../src/adapters/postgres/database.ts';
import type { LogFields, Logger } from '../../src/adapters/telemetry/log.ts';
import { lead, type LeadParts } from '../../src/commands/controller/lead.ts';
import { systemClock, type Clock } from '../../src/domain/clock.ts';
import { LeaseLostError } from '../../src/domain/errors.ts';
import { createIdleMeter, type IdleMeter } from './controller-inside-idle.ts';
import { gateDatabase } from './fault-client-database.ts';
import { gateClient, type CallWitness } from './fault-client.ts';
import { createStepGate, MOST_POINTS, type Life, type StepGate } from './fault-points-gate.ts';
import type { FaultPlan } from './fault-points.ts';
import { JOB_SETTINGS } from './job-orders.ts';

export interface ControllerInsideOptions {
  /** Over the program's own transport. */
  readonly client: KubeClient;
  readonly databaseUrl: string;
  readonly namespace: string;
  readonly installationId: string;
  readonly plan: FaultPlan | null;
  /** Before each call that is sent. */
  readonly witness: CallWitness;
}

/** Processes of the controller inside this one: after each crash there is another, with empty caches and a new epoch. */
export interface ControllerInside {
  readonly gate: StepGate;
  /** Processes so far. */
  readonly lives: number;
  /** What none of them may do. */
  readonly violations: readonly string[];
  /** What the latest ones said, for the message of a failed run. */
  readonly log: readonly string[];
  /** Begins one more; resolves as soon as it leads. */
  begin(): Promise<void>;
  /** Resolves when the one that leads has looked at this many MallSyncs, and at all else, and has nothing to do. */
  awaitIdle(mallSyncs: number): Promise<void>;
  /** Lets all that run drain and end. */
  end(): Promise<void>;
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

interface Process extends Life {
  readonly ended: Promise<void>;
  readonly leading: Promise<void>;
  readonly idle: IdleMeter;
  stop(): void;
}

export function createControllerInside(options: ControllerInsideOptions): ControllerInside {
  const violations: string[] = [];
  const log: string[] = [];
  const processes: Process[] = [];
  /** By serial: what each drew. */
  const epochs = new Map<number, number>();
  let isEnding = false;

  const begin = async (): Promise<void> => {
    const process = startProcess(processes.length + 1);
    processes.push(process);
    await process.leading;
  };
  const gate = createStepGate(options.plan, begin);
  const witness: CallWitness = async (call, life) => await options.witness(call, life);

  function startProcess(serial: number): Process {
    const crashed = new AbortController();
    const stopped = new AbortController();
    const { promise: leading, resolve: noteLeading } = Promise.withResolvers<void>();
    const idle = createIdleMeter();
    let isOver = false;
    const life: Life = {
      serial,
      get isOver() {
        return isOver;
      },
      crash() {
        isOver = true;
        if (gate.points.length >= MOST_POINTS) {
          isEnding = true;
          violations.push(
            `a circle: ${gate.points
              .slice(-12)
              .map(({ key }) => key)
              .join(', ')}`,
          );
        }
        crashed.abort(new LeaseLostError('the process has crashed'));
        // like a Deployment: there is another as soon as this one has gone
        if (!isEnding) void process.ended.then(begin);
      },
    };
    const logger = createLogger(log, serial);
    const onEpoch = (epoch: number): void => {
      epochs.set(serial, epoch);
      noteLeading();
    };
    const onCommit = (): void => {
      const [own, latest] = [epochs.get(serial) ?? 0, Math.max(...epochs.values())];
      if (own < latest) violations.push(`process ${serial} commits for epoch ${own} when there is epoch ${latest}`);
    };
    const live = async (): Promise<void> => {
      const database = await openDatabase({
        url: options.databaseUrl,
        schema: 'mallsync',
        applicationName: `controller ${serial}`,
        leaseSeconds: 30,
        poolSize: 1,
        writerConnections: 3,
      });
      try {
        const gated = gateDatabase(database, gate, life, { speed: SPEED, onCommit });
        const client = gateClient(options.client, gate, life, witness);
        await runProcess(options, { serial, gated, client, logger, idle, onEpoch, crashed, stopped });
      } catch (error) {
        const isExpected = isOver || stopped.signal.aborted || error instanceof LeaseLostError;
        if (!isExpected) violations.push(`process ${serial} failed: ${error}`);
      } finally {
        noteLeading();
        await database.close();
      }
    };
    const process: Process = Object.assign(life, { ended: live(), leading, idle, stop: () => stopped.abort() });
    return process;
  }

  return {
    gate,
    violations,
    log,
    get lives() {
      return processes.length;
    },
    begin,
    awaitIdle: async (mallSyncs) => await processes.at(-1)?.idle.wait(mallSyncs),
    async end() {
      isEnding = true;
      for (const process of processes) process.stop();
      await Promise.all(processes.map(({ ended }) => ended));
    },
  };
}

interface Parts {
  readonly serial: number;
  readonly gated: Database;
  readonly client: KubeClient;
  readonly logger: Logger;
  readonly idle: IdleMeter;
  onEpoch(epoch: number): void;
  readonly crashed: AbortController;
  readonly stopped: AbortController;
}

/** What `controller` does once it has its Lease. */
async function runProcess(options: ControllerInsideOptions, parts: Parts): Promise<void> {
  const { client, logger, crashed, stopped } = parts;
  const { namespace, installationId } = options;
  const clock = createFastClock();
  const listeners = new Set<Parameters<LeadParts['subscribe']>[0]>();
  const cache = createCache(options, client, clock, logger, (change, isInitial) => {
    for (const listener of listeners) listener(change, isInitial);
  });
  const recorder = createEventRecorder({
    client,
    clock,
    namespace,
    instance: `inside-${parts.serial}`,
    createSuffix: () => randomBytes(8).toString('hex'),
    onLost: ({ why }) => logger.warn('Event lost', { why }),
  });
  const background = new AbortController();
  const caching = cache.run(background.signal);
  try {
    await cache.awaitSync(AbortSignal.any([crashed.signal, stopped.signal]));
    const leadParts = {
      settings: SETTINGS,
      io: { signal: stopped.signal },
      database: parts.gated,
      log: logger,
      namespace,
      installationId,
      identity: `inside-${parts.serial}_${randomUUID()}`,
      cluster: createCluster({ client, namespace, jobSettings: JOB_SETTINGS }),
      view: cache.view,
      recorder,
      metrics: { work: parts.idle.observe, trackWork: () => undefined, noteTerm: noteTerm(parts) },
      clock,
      subscribe: (listener: Parameters<LeadParts['subscribe']>[0]) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      onTerm: () => undefined,
    };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a term uses no more of settings and io than this
    await lead(leadParts as unknown as LeadParts, crashed.signal);
    await recorder.drain(crashed.signal);
  } finally {
    background.abort();
    await recorder.drain(background.signal);
    await caching;
  }
}

function noteTerm({ onEpoch }: Parts): (epoch: number | null) => void {
  return (epoch) => (epoch === null ? undefined : onEpoch(epoch));
}

function createCache(
  { namespace }: ControllerInsideOptions,
  client: KubeClient,
  clock: Clock,
  logger: Logger,
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

function createLogger(lines: string[], serial: number): Logger {
  const say = (message: string, fields: LogFields = {}): void => {
    const text = Object.entries(fields).map(([name, value]) => `${name}=${String(value)}`);
    lines.push(`[${serial}] ${message} ${text.join(' ')}`);
    if (lines.length > KEPT_LINES) lines.shift();
  };
  return { debug: say, info: say, warn: say, error: say };
}
