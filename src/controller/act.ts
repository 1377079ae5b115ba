import type { Cluster } from './cluster.ts';
import type { ControllerLedger } from './controller-ledger.ts';
import type { Action, Observed } from './decision.ts';
import type { ObservedJob } from './observed-job.ts';
import type { LedgerState } from './run.ts';
import type { OwnWrites } from './own-writes.ts';

export interface Actors {
  readonly cluster: Cluster;
  readonly ledger: ControllerLedger;
  readonly ownWrites: OwnWrites;
}

/** What is to be looked at anew. */
export interface Effects {
  /** The ledger after the last write to it; null when nothing was written. */
  readonly ledger: LedgerState | null;
  readonly absentJobs: readonly string[];
  /** Jobs that the cache did not show and that are there all the same, read live. */
  readonly foundJobs: readonly ObservedJob[];
}

/** Jobs of one MallSync that are released or deleted at the same time. */
const JOBS_AT_ONCE = 16;

/** Carries the actions out in their order; neighbouring acts on Jobs run side by side. */
export async function act(
  actions: readonly Action[],
  { mallSync }: Pick<Observed, 'mallSync'>,
  actors: Actors,
  signal: AbortSignal,
): Promise<Effects> {
  let ledger: LedgerState | null = null;
  const absentJobs: string[] = [];
  const foundJobs: ObservedJob[] = [];
  const jobActs: (() => Promise<void>)[] = [];
  for (const action of actions) {
    signal.throwIfAborted();
    switch (action.kind) {
      case 'admit':
        ledger = await actors.ledger.admit(mallSync, mallSync.spec);
        break;
      case 'mark-launched':
        await actors.ledger.markLaunched(action.launches);
        ledger = await actors.ledger.load(mallSync.uid);
        break;
      case 'record':
        ledger = await actors.ledger.recordOutcomes(mallSync.uid, action.outcomes);
        break;
      case 'verify-absence': {
        const job = await actors.cluster.readJob(action.jobName, signal);
        if (job === null) absentJobs.push(action.jobName);
        else foundJobs.push(job);
        break;
      }
      case 'release-job':
        jobActs.push(async () => {
          await actors.cluster.releaseJob(action.job.name, action.ttlSeconds, signal);
          actors.ownWrites.noteReleased(action.job);
        });
        break;
      case 'delete-job':
        jobActs.push(async () => {
          await actors.cluster.deleteJob(action.job, signal);
          actors.ownWrites.noteDeleted(action.job);
        });
        break;
      case 'delete-mall-sync':
        await actors.cluster.deleteMallSync(mallSync, signal);
        break;
    }
  }
  await runAll(jobActs, JOBS_AT_ONCE);
  return { ledger, absentJobs, foundJobs };
}

/** Every task is tried even if others fail; the first failure is then thrown. */
export async function runAll(tasks: readonly (() => Promise<void>)[], atOnce: number): Promise<void> {
  const failures: unknown[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let task = tasks[next++]; task !== undefined; task = tasks[next++]) {
      await task().catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, tasks.length) }, work));
  if (failures.length > 0) throw failures[0];
}
