import { CATCH_UP_PREFIX, CATCH_UP_PRIORITY, DEFAULT_PRIORITY } from '../../../controller/default-priority.ts';
import { planLaunches, type LaunchQueue } from '../../../controller/launch-plan.ts';
import type { Trigger } from '../../../domain/execution.ts';

/** An execution that waits for its place. */
export interface QueuedRun {
  readonly executionId: number;
  readonly installationId: string;
  readonly trigger: Trigger;
  /** Null: a local run. */
  readonly mallSync: {
    readonly uid: string;
    readonly name: string;
    readonly createdAtMs: number;
    /** Its runs that have a place. */
    readonly active: number;
  } | null;
}

export interface QueuePlace {
  readonly executionId: number;
  /** From 1, in the queue of its installation. */
  readonly position: number;
}

/**
 * The first `limit` of each installation in the order in which they will begin: local runs by age, those of MallSyncs as
 * the controller launches them. A priority, parallelism or suspension that a MallSync was given is not in the database,
 * so such a one may stand elsewhere.
 */
export function orderQueue(runs: readonly QueuedRun[], limit: number): readonly QueuePlace[] {
  const installations = Map.groupBy(runs, (run) => run.installationId);
  return [...installations.values()]
    .flatMap((each) => orderInstallation(each, limit))
    .sort(comparePlaces)
    .slice(0, limit);
}

function comparePlaces(a: QueuePlace, b: QueuePlace): number {
  return a.position - b.position || a.executionId - b.executionId;
}

function orderInstallation(runs: readonly QueuedRun[], limit: number): readonly QueuePlace[] {
  const local = runs.filter((run) => run.mallSync === null).map((run) => run.executionId);
  const ids = [...local.sort((a, b) => a - b), ...orderMallSyncs(runs, limit)];
  return ids.slice(0, limit).map((executionId, index) => ({ executionId, position: index + 1 }));
}

function orderMallSyncs(runs: readonly QueuedRun[], limit: number): readonly number[] {
  const queues = [...Map.groupBy(runs, (run) => run.mallSync?.uid ?? null)].flatMap(([uid, own]) =>
    uid === null ? [] : toQueue(uid, own),
  );
  return planLaunches(queues, { limit, active: 0 }).launches.map(({ run }) => run.executionId);
}

function toQueue(uid: string, runs: readonly QueuedRun[]): readonly LaunchQueue[] {
  const mallSync = runs[0]?.mallSync ?? null;
  if (mallSync === null) return [];
  const { name, createdAtMs, active } = mallSync;
  const next = runs
    .map(({ executionId }) => ({ executionId, instanceId: 0, mallId: 0, attemptCount: 0, pageSize: 0 }))
    .sort((a, b) => a.executionId - b.executionId);
  return [
    {
      uid,
      name,
      createdAtMs,
      active,
      next,
      priority: priorityOf(runs[0]?.trigger ?? 'MANUAL', name),
      parallelism: Number.MAX_SAFE_INTEGER,
      isHeld: false,
      waiting: next.length,
    },
  ];
}

function priorityOf(trigger: Trigger, name: string): number {
  if (trigger === 'LOCAL') return DEFAULT_PRIORITY.MANUAL;
  return trigger === 'NIGHTLY' && name.startsWith(CATCH_UP_PREFIX) ? CATCH_UP_PRIORITY : DEFAULT_PRIORITY[trigger];
}
