import { randomUUID } from 'node:crypto';
import type { CacheChange } from '../../adapters/kubernetes/reflector/cluster-cache.ts';
import type { Logger } from '../../adapters/telemetry/log.ts';
import { createLaunchBoard } from '../../controller/launch-board.ts';
import { createLaunchPace } from '../../controller/launch-pace.ts';
import type { Cluster, ClusterView, Recorder } from '../../controller/cluster.ts';
import type { ControllerLedger } from '../../controller/controller-ledger.ts';
import { createOwnWrites } from '../../controller/own-writes.ts';
import { reconcileLaunch } from '../../controller/reconcile-launch.ts';
import { reconcileMallSync } from '../../controller/reconcile-mall-sync.ts';
import { sweep } from '../../controller/sweep.ts';
import { PRIORITY } from '../../controller/work-queue-priority.ts';
import type { AddOptions, WorkQueue } from '../../controller/work-queue.ts';
import { createWorkQueue } from '../../controller/work-queue.ts';
import type { WorkQueueObserver } from '../../controller/work-queue-entries.ts';
import type { Reconcile, ReconcileFailure, WorkerObserver, WorkerSignals } from '../../controller/worker-loop.ts';
import { runWorkers } from '../../controller/worker-loop.ts';
import type { Clock } from '../../domain/clock.ts';
import type { ControllerSettings } from './controller-settings.ts';
import { routeChange } from './route-change.ts';
import { createToldLedger } from './told-ledger.ts';

/** The three loops of a term, by the names that metrics and logs give them. */
export const LOOPS = ['mallsync', 'launch', 'sweep'] as const;
export type LoopName = (typeof LOOPS)[number];

export interface TermParts {
  readonly settings: Pick<
    ControllerSettings,
    | 'jobLimit'
    | 'jobsPerSecond'
    | 'workers'
    | 'drainSeconds'
    | 'succeededJobTtlSeconds'
    | 'failedJobTtlSeconds'
    | 'startDeadlineSeconds'
  >;
  readonly cluster: Cluster;
  /** Synced. */
  readonly view: ClusterView;
  readonly ledger: ControllerLedger;
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly log: Logger;
  /** @returns how to be told no more */
  subscribe(listener: (change: CacheChange, isInitial: boolean) => void): () => void;
  observe(loop: LoopName): { readonly queue: WorkQueueObserver; readonly workers: WorkerObserver };
}

export interface Term {
  /** Resolves with false when work was still under way at the end of the drain time. */
  run(signals: WorkerSignals): Promise<boolean>;
  /** The MallSync of that name has to be looked at soon. */
  enqueue(mallSyncName: string): void;
  /** How long the workers of a loop have had the keys they have, in milliseconds. */
  listWorkMs(loop: LoopName): readonly number[];
}

/** For one look. */
export const RECONCILE_TIMEOUT_MS = 60_000;
const SWEEP_EVERY_MS = 60_000;
const LAUNCH_BURST = 20;
const ABANDON_EVERY_MS = 3_600_000;
const ONLY_KEY = 'all';
const LOST_KEY = 'lost';

type Queues = Readonly<Record<LoopName, WorkQueue>>;

/** What one leader does between winning and losing the Lease; nothing of it outlives the term. */
export function createTerm(parts: TermParts): Term {
  const { clock, view, settings } = parts;
  const createQueue = (loop: LoopName): WorkQueue => createWorkQueue({ clock, observer: parts.observe(loop).queue });
  const queues: Queues = {
    mallsync: createQueue('mallsync'),
    launch: createQueue('launch'),
    sweep: createQueue('sweep'),
  };
  const looks = createLooks(parts, queues);
  const runLoop = (loop: LoopName, workers: number, signals: WorkerSignals): Promise<boolean> =>
    runWorkers(
      {
        queue: queues[loop],
        reconcile: looks.reconcile[loop],
        clock,
        workers,
        timeoutMs: RECONCILE_TIMEOUT_MS,
        drainMs: settings.drainSeconds * 1_000,
        createReconcileId: randomUUID,
        observers: [parts.observe(loop).workers, { onFailure: (failure) => logFailure(parts.log, loop, failure) }],
      },
      signals,
    );
  return {
    async run(signals) {
      const unsubscribe = parts.subscribe((change, isInitial) => routeChange(change, isInitial, looks.routes));
      for (const { name } of view.listMallSyncs()) queues.mallsync.add(name, { priority: PRIORITY.resync });
      looks.routes.addSweep();
      queues.sweep.add(LOST_KEY);
      looks.routes.addLaunch();
      try {
        const drained = await Promise.all([
          runLoop('mallsync', settings.workers, signals),
          runLoop('launch', 1, signals),
          runLoop('sweep', 1, signals),
        ]);
        return drained.every(Boolean);
      } finally {
        unsubscribe();
      }
    },
    enqueue: (name) => queues.mallsync.add(name, { priority: PRIORITY.act }),
    listWorkMs: (loop) => queues[loop].listWorkMs(),
  };
}

function createLooks(parts: TermParts, queues: Queues) {
  const { cluster, ledger, view, clock, recorder, settings, log } = parts;
  const ownWrites = createOwnWrites();
  const board = createLaunchBoard(settings.jobLimit);
  const pace = createLaunchPace(settings.jobsPerSecond, LAUNCH_BURST);
  const addLaunch = (): void => queues.launch.add(ONLY_KEY);
  const addSweep = (): void => queues.sweep.add(ONLY_KEY);
  const mallSyncParts = {
    cluster,
    ledger,
    view,
    clock,
    recorder,
    ownWrites,
    settings,
    capacityOf: (uid: string) => board.capacityOf(uid),
    onLaunchable: addLaunch,
    onAbsent: (jobName: string) => board.noteRefused(jobName),
    onGone: addSweep,
  };
  const onLaunched = (name: string): void => queues.mallsync.add(name);
  const launchParts = { cluster, ledger, view, clock, board, pace, limit: settings.jobLimit, onLaunched };
  const reconcile: Readonly<Record<LoopName, Reconcile>> = {
    mallsync: (name, { signal, reconcileId }) => {
      const domainType = view.findMallSync(name)?.spec?.domainType;
      const told = createToldLedger(ledger, log, { reconcileId, mallSync: name, domainType });
      return reconcileMallSync({ ...mallSyncParts, ledger: told }, name, signal);
    },
    launch: (_, { signal, reconcileId }) =>
      reconcileLaunch({ ...launchParts, ledger: createToldLedger(ledger, log, { reconcileId }) }, signal),
    sweep: async (key, { signal, reconcileId }) => {
      if (key === LOST_KEY) {
        const executionIds = await ledger.abandonLost();
        if (executionIds.length > 0) log.warn('executions abandoned', { reconcileId, executionIds });
        return { kind: 'later', afterMs: ABANDON_EVERY_MS };
      }
      ownWrites.keepOnly(toUids(view.listJobs()), toUids(view.listMallSyncs()));
      const gone = await sweep({ cluster, ledger, view, ownWrites, clock }, signal);
      if (gone.length > 0) {
        log.info('stopped what belonged to deleted MallSyncs', { reconcileId, mallSyncUids: gone });
      }
      if (gone.length > 0) addLaunch();
      return { kind: 'later', afterMs: SWEEP_EVERY_MS };
    },
  };
  const routes = {
    addMallSync: (name: string, options: AddOptions) => queues.mallsync.add(name, options),
    addLaunch,
    addSweep,
    findMallSyncNameOf: (jobName: string) => view.listJobs().find(({ name }) => name === jobName)?.mallSyncName ?? null,
    noteJobSeen: (name: string) => board.noteSeen(name),
    forgetJob: (uid: string) => ownWrites.forgetJob(uid),
    forgetMallSync(uid: string) {
      ownWrites.forgetMallSync(uid);
      board.forgetMallSync(uid);
    },
  };
  return { reconcile, routes };
}

function toUids(objects: readonly { readonly uid: string }[]): ReadonlySet<string> {
  return new Set(objects.map(({ uid }) => uid));
}

function logFailure(log: Logger, loop: LoopName, { key, reconcileId, kind, isTimeout, error }: ReconcileFailure): void {
  const level = kind === 'conflict' ? 'debug' : kind === 'panic' || kind === 'terminal' ? 'error' : 'warn';
  log[level]('reconcile failed', { loop, key, reconcileId, verdict: kind, isTimeout, error });
}
