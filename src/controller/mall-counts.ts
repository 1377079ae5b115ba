import { isLive } from '../domain/execution.ts';
import type { FailureReason } from '../domain/failure.ts';
import type { Observed } from './decision.ts';
import type { MallCounts, MallFailure, RowCounts } from './mall-sync.ts';
import { isEnding } from './policies/verdict.ts';
import type { MallRecord, Run } from './run.ts';

export type Standing = Exclude<keyof MallCounts, 'total'>;

/** Where one mall stands. */
export interface MallStanding {
  readonly mallId: number;
  readonly standing: Standing;
  /** Its newest own execution. */
  readonly run: Run | null;
  /** Why it is refused, failed or stopped. */
  readonly reason: FailureReason | null;
  readonly message: string | null;
}

/** Why no mall of it will ever be admitted. */
export interface Refusal {
  readonly reason: FailureReason;
  readonly message: string | null;
}

type Answer = Pick<MallStanding, 'standing' | 'reason' | 'message'>;

const MOST_FAILURES = 20;
const LONGEST_MESSAGE = 500;

/** In order of mallId. Before the expansion those that the spec names. */
export function listStandings(
  { mallSync, ledger }: Pick<Observed, 'mallSync' | 'ledger'>,
  refusal: Refusal | null,
): readonly MallStanding[] {
  if (ledger.malls === null) {
    const answer = refusal === null ? plain('waiting') : judgeRefusal(refusal);
    const mallIds = [...(mallSync.spec.mallIds ?? [])].sort((a, b) => a - b);
    return mallIds.map((mallId) => ({ mallId, run: null, ...answer }));
  }
  const newestRuns = new Map<number, Run>();
  for (const run of ledger.runs) {
    if (run.executionId >= (newestRuns.get(run.mallId)?.executionId ?? 0)) newestRuns.set(run.mallId, run);
  }
  return ledger.malls.map((mall) => {
    const run = newestRuns.get(mall.mallId) ?? null;
    return { mallId: mall.mallId, run, ...judgeMall(mall, run, isEnding(mallSync)) };
  });
}

function judgeRefusal({ reason, message }: Refusal): Answer {
  return { standing: reason === 'Stopped' ? 'stopped' : 'refused', reason, message };
}

function judgeMall(mall: MallRecord, run: Run | null, isStopped: boolean): Answer {
  if (mall.result === 'ALREADY_COMPLETE') return plain('alreadyComplete');
  if (mall.result === 'REFUSED') {
    return { standing: 'refused', reason: mall.reason ?? 'DuplicateRefused', message: mall.message };
  }
  if (mall.result === 'ADMITTED') return run === null ? { ...plain('failed'), reason: 'Lost' } : judgeRun(run);
  return isStopped ? judgeRefusal({ reason: 'Stopped', message: null }) : plain('waiting');
}

function judgeRun(run: Run): Answer {
  if (isLive(run.status)) return plain(run.launchedAgoMs === null ? 'waiting' : 'active');
  if (run.status === 'COMPLETED') return plain('succeeded');
  if (run.status === 'COMPLETED_WITH_REJECTS') return plain('withRejects');
  if (run.status === 'STOPPED') return { standing: 'stopped', reason: 'Stopped', message: run.failureMessage };
  const unnamed = run.status === 'ABANDONED' ? 'Lost' : 'Bug';
  return { standing: 'failed', reason: run.failureReason ?? unnamed, message: run.failureMessage };
}

function plain(standing: Standing): Answer {
  return { standing, reason: null, message: null };
}

export function countMalls(standings: readonly MallStanding[]): MallCounts {
  const count = (standing: Standing): number => standings.filter((mall) => mall.standing === standing).length;
  return {
    total: standings.length,
    waiting: count('waiting'),
    active: count('active'),
    succeeded: count('succeeded'),
    withRejects: count('withRejects'),
    alreadyComplete: count('alreadyComplete'),
    refused: count('refused'),
    failed: count('failed'),
    stopped: count('stopped'),
  };
}

/** Over every run of the MallSync: an attempt that resumes reads only what the one before it had not. */
export function sumRows(runs: readonly Run[]): RowCounts {
  const sum = (counter: keyof RowCounts): number => runs.reduce((total, run) => total + run.counters[counter], 0);
  return {
    read: sum('read'),
    inserted: sum('inserted'),
    updated: sum('updated'),
    unchanged: sum('unchanged'),
    rejected: sum('rejected'),
  };
}

/** The first that failed or were refused; what was stopped was meant. */
export function listFailures(standings: readonly MallStanding[]): readonly MallFailure[] {
  return standings
    .filter(({ standing }) => standing === 'failed' || standing === 'refused')
    .slice(0, MOST_FAILURES)
    .map(({ mallId, standing, run, reason, message }) => ({
      mallId,
      reason: reason ?? 'Bug',
      message: shorten(message ?? '', LONGEST_MESSAGE),
      ...(run === null || standing === 'refused' ? {} : { attempt: run.attemptCount, executionId: run.executionId }),
    }));
}

/** At most `longest` UTF-16 units, and no half of a surrogate pair. */
export function shorten(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1).toWellFormed()}…`;
}
