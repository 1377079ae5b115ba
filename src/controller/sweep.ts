import type { Actors } from './act.ts';
import { runAll } from './act.ts';
import type { ClusterView } from './cluster.ts';
import type { LedgerOwner } from './controller-ledger.ts';

export interface Sweeper extends Actors {
  readonly view: ClusterView;
}

const JOBS_AT_ONCE = 16;
const MESSAGE = 'its MallSync was deleted';

/**
 * Ends what belongs to MallSyncs that are no more: executions first, launched or not, then their Jobs. Only a live read
 * proves that a MallSync is gone; nothing is asked of the API server while the cache has them all.
 * @returns the uids that were found gone
 */
export async function sweep(sweeper: Sweeper, signal: AbortSignal): Promise<readonly string[]> {
  const gone: string[] = [];
  for (const owner of await listSuspects(sweeper)) {
    signal.throwIfAborted();
    const found = await sweeper.cluster.readMallSync(owner.name, signal);
    if (found?.uid === owner.uid) continue;
    await sweeper.ledger.stopAll(owner.uid, MESSAGE);
    await deleteJobsOf(sweeper, owner.uid, signal);
    gone.push(owner.uid);
  }
  return gone;
}

/** Owners that the cache does not know: those of live executions and those of Jobs. */
async function listSuspects({ ledger, view, ownWrites }: Sweeper): Promise<readonly LedgerOwner[]> {
  const owners = new Map<string, LedgerOwner>();
  for (const owner of await ledger.listOwners()) owners.set(owner.uid, owner);
  for (const { ownerUid, mallSyncName } of ownWrites.applyToJobs(view.listJobs())) {
    if (ownerUid !== null && mallSyncName !== null) owners.set(ownerUid, { uid: ownerUid, name: mallSyncName });
  }
  return [...owners.values()].filter(({ uid }) => view.findMallSyncByUid(uid) === undefined);
}

async function deleteJobsOf(sweeper: Sweeper, uid: string, signal: AbortSignal): Promise<void> {
  const tasks = sweeper.ownWrites.applyToJobs(sweeper.view.listJobsOf(uid)).map((job) => async () => {
    await sweeper.cluster.deleteJob(job, signal);
    sweeper.ownWrites.noteDeleted(job);
  });
  await runAll(tasks, JOBS_AT_ONCE);
}
