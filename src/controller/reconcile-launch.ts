import type { Clock } from '../domain/clock.ts';
import { runAll, type Actors } from './act.ts';
import { ClusterError, isClusterError } from './cluster-error.ts';
import type { ClusterView, JobOrder } from './cluster.ts';
import type { Outcome, WaitingRuns } from './controller-ledger.ts';
import type { LaunchBoard } from './launch-board.ts';
import type { LaunchPace } from './launch-pace.ts';
import { planLaunches, type LaunchQueue } from './launch-plan.ts';
import type { MallSync, MallSyncSpec } from './mall-sync.ts';
import type { ReconcileResult } from './reconcile-result.ts';
import { DONE } from './reconcile-result.ts';

export interface Launcher extends Pick<Actors, 'cluster' | 'ledger'> {
  readonly view: ClusterView;
  readonly clock: Clock;
  readonly board: LaunchBoard;
  readonly pace: LaunchPace;
  /** Jobs at once over all MallSyncs. */
  readonly limit: number;
  /** Runs of it were launched or refused. One whose runs could not even be asked for is not looked at again for that. */
  onLaunched(mallSyncName: string): void;
}

type ReadableMallSync = MallSync & { readonly spec: MallSyncSpec };

const CREATES_AT_ONCE = 24;
/** Of one look: the next one sees what came meanwhile, and a burst of thousands never outlasts the time for a look. */
const MOST_LAUNCHES = 200;

/** Creates the Jobs that may run now. One at a time: it alone holds the limits. */
export async function reconcileLaunch(launcher: Launcher, signal: AbortSignal): Promise<ReconcileResult> {
  const { view, board, clock, pace, limit } = launcher;
  let waiting = await launcher.ledger.loadWaiting(limit);
  const doubts = await launchDoubtful(launcher, waiting, signal);
  if (doubts.wereAny) waiting = await launcher.ledger.loadWaiting(limit);
  const activeOf = board.countActive(view.listJobs());
  const active = [...activeOf.values()].reduce((sum, count) => sum + count, 0);
  const doubtfulIds = new Set(board.listInDoubt().map(({ run }) => run.executionId));
  const queues = waiting.flatMap((each) => toQueue(withoutRuns(each, doubtfulIds), view, activeOf));
  const plan = planLaunches(queues, { limit, active });
  board.publish(active + plan.launches.length, plan.ahead);
  const allowed = pace.take(Math.min(plan.launches.length, MOST_LAUNCHES), clock.monotonicMs());
  const orders = plan.launches.slice(0, allowed).flatMap(({ mallSyncUid, run }) => toOrder(view, mallSyncUid, run));
  if (orders.length > 0) await launch(launcher, orders, signal);
  if (doubts.failure !== null) throw doubts.failure;
  if (allowed === plan.launches.length) return DONE;
  return { kind: 'later', afterMs: pace.waitMs(clock.monotonicMs()) };
}

interface Doubts {
  readonly wereAny: boolean;
  /** Of the API server: it holds up no other order. */
  readonly failure: ClusterError | null;
}

/** Asked for once more under the same name before anything else: they hold places already, if they exist. */
async function launchDoubtful(
  launcher: Launcher,
  waiting: readonly WaitingRuns[],
  signal: AbortSignal,
): Promise<Doubts> {
  const waitingIds = new Set(waiting.flatMap(({ next }) => next.map(({ executionId }) => executionId)));
  const orders = launcher.board.listInDoubt();
  for (const order of orders) {
    if (!waitingIds.has(order.run.executionId)) launcher.board.noteRefused(launcher.cluster.toJobName(order));
  }
  const due = orders.filter(
    ({ mallSync, run }) => waitingIds.has(run.executionId) && !isHeld(findReadable(launcher.view, mallSync.uid)),
  );
  if (due.length === 0) return { wereAny: false, failure: null };
  try {
    await launch(launcher, due, signal);
    return { wereAny: true, failure: null };
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    return { wereAny: true, failure: error };
  }
}

function withoutRuns(each: WaitingRuns, executionIds: ReadonlySet<number>): WaitingRuns {
  return { ...each, next: each.next.filter(({ executionId }) => !executionIds.has(executionId)) };
}

function findReadable(view: ClusterView, uid: string): ReadableMallSync | null {
  const mallSync = view.findMallSyncByUid(uid);
  return mallSync === undefined || mallSync.spec === null ? null : { ...mallSync, spec: mallSync.spec };
}

function isHeld(mallSync: ReadableMallSync | null): boolean {
  return mallSync === null || mallSync.spec.suspend || mallSync.spec.cancel || mallSync.isDeleting;
}

function toQueue(each: WaitingRuns, view: ClusterView, activeOf: ReadonlyMap<string, number>): readonly LaunchQueue[] {
  const mallSync = findReadable(view, each.mallSyncUid);
  if (mallSync === null) return [];
  const { spec, uid, name, createdAtMs } = mallSync;
  return [
    {
      uid,
      name,
      createdAtMs,
      priority: spec.priority,
      parallelism: spec.parallelism,
      isHeld: isHeld(mallSync),
      active: activeOf.get(uid) ?? 0,
      waiting: each.waiting,
      next: each.next,
    },
  ];
}

function toOrder(view: ClusterView, mallSyncUid: string, run: JobOrder['run']): readonly JobOrder[] {
  const mallSync = findReadable(view, mallSyncUid);
  return mallSync === null ? [] : [{ mallSync, spec: mallSync.spec, run }];
}

/** What became of the orders is noted even if some of them failed; the first failure is then thrown. */
async function launch(launcher: Launcher, orders: readonly JobOrder[], signal: AbortSignal): Promise<void> {
  const launched: { readonly executionId: number; readonly jobName: string }[] = [];
  const refused: { readonly mallSyncUid: string; readonly outcome: Outcome }[] = [];
  const changedNames = new Set<string>();
  const tasks = orders.map((order) => async () => {
    const outcome = await createOne(launcher, order, signal);
    const { executionId } = order.run;
    if (outcome === null) launched.push({ executionId, jobName: launcher.cluster.toJobName(order) });
    else refused.push({ mallSyncUid: order.mallSync.uid, outcome });
    changedNames.add(order.mallSync.name);
  });
  try {
    await runAll(tasks, CREATES_AT_ONCE);
  } finally {
    if (launched.length > 0) await launcher.ledger.markLaunched(launched);
    for (const { mallSyncUid, outcome } of refused) await launcher.ledger.recordOutcomes(mallSyncUid, [outcome]);
    for (const name of changedNames) launcher.onLaunched(name);
  }
}

/** Null when the run has its Job now, else why it can never have it. */
async function createOne({ cluster, board }: Launcher, order: JobOrder, signal: AbortSignal): Promise<Outcome | null> {
  const jobName = cluster.toJobName(order);
  board.noteAsked(jobName, order);
  try {
    const existing = await cluster.createJob(order, signal);
    if (existing === null || cluster.isJobOf(existing, order)) return null;
    board.noteRefused(jobName);
    return refuse(order, `a Job named ${jobName} exists that is not of this execution`);
  } catch (error) {
    // a server that fails, or a proxy before it, may have carried it out all the same
    if (error instanceof ClusterError && (error.status ?? 500) < 500) board.noteRefused(jobName);
    else board.noteInDoubt(jobName);
    if (isClusterError(error, 'invalid')) return refuse(order, `the API server refuses the Job: ${error.message}`);
    throw error;
  }
}

function refuse({ run }: JobOrder, message: string): Outcome {
  return {
    executionId: run.executionId,
    end: { status: 'FAILED', reason: 'ConfigInvalid', message },
    disagreement: null,
    createToStartSeconds: null,
    lagSeconds: null,
  };
}
