import { DOMAIN_TYPES, type DomainType } from '../../../domain/domain-type.ts';
import { TerminalError } from '../../../domain/errors.ts';
import type { FailureReason } from '../../../domain/failure.ts';
import { DAY_MS, startOfSeoulDay, toSeoulDay } from '../../../domain/seoul-time.ts';
import type { QueryPool } from '../pool.ts';
import { loadHistory, type NightCount } from './night-history.ts';
import { loadNightRuns, type NightRun } from './night-runs.ts';
import { toNightStart } from './run-filter.ts';

export interface NightCounts {
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  /** Asked for and not begun, held up by a limit, or not even asked for. */
  readonly waiting: number;
  readonly running: number;
  /** Those of `waiting` and `running`, once the deadline has passed. */
  readonly late: number;
}

/** total = done + doneWithRejects + failed + stopped + waiting + running. */
export interface DomainNight extends NightCounts {
  readonly domainType: DomainType;
  readonly doneWithRejects: number;
  readonly stopped: number;
}

export interface NightGroup {
  readonly reason: FailureReason;
  readonly malls: number;
  readonly executions: number;
  readonly domainTypes: readonly DomainType[];
}

export interface NightPicture {
  /** `YYYY-MM-DD`: the day that was read. */
  readonly night: string;
  /** The day itself. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** A mall and domain type counts once. */
  readonly byDomain: readonly DomainNight[];
  /** A mall counts once: done when all of its domain types are, failed when one has failed or was stopped. */
  readonly malls: NightCounts;
  /** What the failed runs failed for, the reason of most malls first. */
  readonly groups: readonly NightGroup[];
  /** The 14 nights before, oldest first; malls. */
  readonly history: readonly NightCount[];
}

/** The picture of one night by itself. */
export type Night = Omit<NightPicture, 'history'>;

export interface NightQuery {
  readonly nowMs: number;
  /** `YYYY-MM-DD`; by default the day before today. */
  readonly night?: string;
  /** `HH:MM` of Asia/Seoul on the day after, from which on what is not done is late. */
  readonly deadline: string;
}

const HISTORY_NIGHTS = 14;

/**
 * How a night went and those before it.
 * @throws TerminalError ConfigInvalid for a malformed night or deadline
 */
export async function loadNightPicture(pool: QueryPool, query: NightQuery): Promise<NightPicture> {
  const night = await loadNight(pool, query);
  return { ...night, history: await loadHistory(pool, night.fromMs, HISTORY_NIGHTS) };
}

/**
 * How a night went: what is expected is each active mall's domain types, if the mall was there when the day ended or was
 * read since; of each the latest execution counts that read the day and ended with it, whatever asked for it.
 * @throws TerminalError ConfigInvalid for a malformed night or deadline
 */
export async function loadNight(pool: QueryPool, query: NightQuery): Promise<Night> {
  const fromMs = query.night === undefined ? startOfSeoulDay(query.nowMs) - DAY_MS : toNightStart(query.night);
  const untilMs = fromMs + DAY_MS;
  const runs = await loadNightRuns(pool, fromMs);
  const isLate = query.nowMs >= untilMs + toDeadlineMs(query.deadline);
  return { night: toSeoulDay(fromMs), fromMs, untilMs, ...countNight(runs, isLate) };
}

/** From the midnight after the day that was read. @throws TerminalError ConfigInvalid */
export function toDeadlineMs(deadline: string): number {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(deadline);
  if (match !== null) return (Number(match[1]) * 60 + Number(match[2])) * 60_000;
  throw new TerminalError('ConfigInvalid', `deadline must be a time like 07:00, not ${JSON.stringify(deadline)}`);
}

type State = 'done' | 'doneWithRejects' | 'failed' | 'stopped' | 'waiting' | 'running';

function toState({ status }: NightRun): State {
  switch (status) {
    case 'COMPLETED':
      return 'done';
    case 'COMPLETED_WITH_REJECTS':
      return 'doneWithRejects';
    case 'FAILED':
    case 'ABANDONED':
      return 'failed';
    case 'STOPPED':
      return 'stopped';
    case 'RUNNING':
      return 'running';
    case 'REQUESTED':
    case 'WAITING':
    case null:
      return 'waiting';
    default:
      return status satisfies never;
  }
}

function countNight(runs: readonly NightRun[], isLate: boolean): Pick<Night, 'byDomain' | 'malls' | 'groups'> {
  const byMall = Map.groupBy(runs, ({ mallId }) => mallId);
  const ofMalls = countStates(
    [...byMall.values()].map((each) => toMallState(each.map(toState))),
    isLate,
  );
  return {
    byDomain: DOMAIN_TYPES.map((domainType) => ({
      domainType,
      ...countStates(runs.filter((run) => run.domainType === domainType).map(toState), isLate),
    })).filter(({ total }) => total > 0),
    malls: {
      total: ofMalls.total,
      done: ofMalls.done,
      failed: ofMalls.failed,
      waiting: ofMalls.waiting,
      running: ofMalls.running,
      late: ofMalls.late,
    },
    groups: groupFailures(runs),
  };
}

function toMallState(states: readonly State[]): State {
  if (states.includes('failed') || states.includes('stopped')) return 'failed';
  if (states.includes('running')) return 'running';
  return states.includes('waiting') ? 'waiting' : 'done';
}

function countStates(states: readonly State[], isLate: boolean): Omit<DomainNight, 'domainType'> {
  const count = (state: State): number => states.filter((each) => each === state).length;
  const waiting = count('waiting');
  const running = count('running');
  return {
    total: states.length,
    done: count('done'),
    doneWithRejects: count('doneWithRejects'),
    failed: count('failed'),
    stopped: count('stopped'),
    waiting,
    running,
    late: isLate ? waiting + running : 0,
  };
}

function groupFailures(runs: readonly NightRun[]): readonly NightGroup[] {
  const failed = runs.filter((run) => toState(run) === 'failed' || toState(run) === 'stopped');
  return [...Map.groupBy(failed, ({ failureReason }) => failureReason ?? 'Lost')]
    .map(([reason, group]) => ({
      reason,
      malls: new Set(group.map(({ mallId }) => mallId)).size,
      executions: group.length,
      domainTypes: DOMAIN_TYPES.filter((domainType) => group.some((run) => run.domainType === domainType)),
    }))
    .toSorted((a, b) => b.malls - a.malls || b.executions - a.executions || (a.reason < b.reason ? -1 : 1));
}
