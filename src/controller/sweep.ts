import type { Clock } from '../domain/clock.ts';
import type { Actors } from './act.ts';
import { runAll } from './act.ts';
import { ClusterError } from './cluster-error.ts';
import type { ClusterView } from './cluster.ts';
import type { LedgerOwner } from './controller-ledger.ts';
import type { ObservedJob } from './observed-job.ts';

export interface Sweeper extends Actors {
  readonly view: ClusterView;
  readonly clock: Pick<Clock, 'nowMs'>;
}

const JOBS_AT_ONCE = 16;
/** By then the look at their MallSync has settled their executions. */
const PARTED_MS = 600_000;
const MESSAGE = 'its MallSync was deleted';

/**
 * Ends what belongs to MallSyncs that are no more: executions first, launched or not, then their Jobs. Only a live read
 * proves that a MallSync is gone; nothing is asked of the API server while the cache has them all. Jobs that were parted
 * from their MallSync go too: nobody else would ever let go of them.
 * @returns the uids that were found gone
 */
export async function sweep(sweeper: Sweeper, signal: AbortSignal): Promise<readonly string[]> {
  const { view } = sweeper;
  const gone: string[] = [];
  const refusals: ClusterError[] = [];
  for (const owner of listUnknown(view, [...(await sweeper.ledger.listOwners()), ...listOwnersOfJobs(sweeper)])) {
    try {
      if (!(await stopIfGone(sweeper, owner, signal))) continue;
      await deleteJobs(sweeper, view.listJobsOf(owner.uid), signal);
      gone.push(owner.uid);
    } catch (error) {
      // what the API server refuses for one is tried for the others all the same
      if (signal.aborted || !(error instanceof ClusterError)) throw error;
      refusals.push(error);
    }
  }
  // while their MallSync is there, what becomes of their executions is decided with it
  const parted = view
    .listJobs()
    .filter(({ ownerUid, hasOutcomeFinalizer }) => ownerUid === null && hasOutcomeFinalizer)
    .filter(
      ({ mallSyncName, end }) =>
        mallSyncName === null ||
        view.findMallSync(mallSyncName) === undefined ||
        (end !== null && end.atMs < sweeper.clock.nowMs() - PARTED_MS),
    );
  await deleteJobs(sweeper, parted, signal);
  if (refusals[0] !== undefined) throw refusals[0];
  return gone;
}

/** The first half of a sweep: their executions alone, so that others can take their malls. Their Jobs are left to it. */
export async function stopGone(sweeper: Omit<Sweeper, 'ownWrites' | 'clock'>, signal: AbortSignal): Promise<void> {
  const owners = listUnknown(sweeper.view, await sweeper.ledger.listOwners());
  for (const owner of owners) await stopIfGone(sweeper, owner, signal);
}

async function stopIfGone(
  { cluster, ledger }: Omit<Sweeper, 'ownWrites' | 'clock'>,
  { uid, name }: LedgerOwner,
  signal: AbortSignal,
): Promise<boolean> {
  signal.throwIfAborted();
  const found = await cluster.readMallSync(name, signal);
  if (found?.uid === uid) return false;
  await ledger.stopAll(uid, MESSAGE);
  return true;
}

/** Those that the cache does not know, each once. */
function listUnknown(view: ClusterView, owners: readonly LedgerOwner[]): readonly LedgerOwner[] {
  const byUid = new Map(owners.map((owner) => [owner.uid, owner]));
  return [...byUid.values()].filter(({ uid }) => view.findMallSyncByUid(uid) === undefined);
}

function listOwnersOfJobs({ view, ownWrites }: Sweeper): readonly LedgerOwner[] {
  return ownWrites
    .applyToJobs(view.listJobs())
    .flatMap(({ ownerUid, mallSyncName }) =>
      ownerUid === null || mallSyncName === null ? [] : [{ uid: ownerUid, name: mallSyncName }],
    );
}

async function deleteJobs(
  { cluster, ownWrites }: Sweeper,
  jobs: readonly ObservedJob[],
  signal: AbortSignal,
): Promise<void> {
  const tasks = ownWrites.applyToJobs(jobs).map((job) => async () => {
    await cluster.deleteJob(job, signal);
    ownWrites.noteDeleted(job);
  });
  await runAll(tasks, JOBS_AT_ONCE);
}
