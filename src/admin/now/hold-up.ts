import type { MallBudget } from '../../adapters/postgres/read-models/mall-budgets.ts';
import type { RunningExecution } from '../../adapters/postgres/read-models/now-board.ts';
import { SECOND_MS, toSeoulDay, toSeoulTime } from '../../domain/seoul-time.ts';

/** What keeps an execution from going on at this moment. */
export type HoldUp =
  | { readonly kind: 'starting' }
  /** No process has its lease: the next one that claims it goes on at its checkpoint. */
  | { readonly kind: 'unheld' }
  /** The mall's usage quota is spent. */
  | { readonly kind: 'quota'; readonly untilMs: number }
  /** Cafe24 refuses calls to what it reads. */
  | { readonly kind: 'blocked'; readonly untilMs: number }
  /** It waits its turn for the mall's calls, or for Cafe24 to answer again. */
  | { readonly kind: 'calls' };

const WHOLE_MALL = '*';

export type HeldRun = Pick<RunningExecution, 'mallId' | 'status' | 'startedAtMs' | 'leaseEndsInMs'>;

export function findHoldUp(run: HeldRun, budgets: readonly MallBudget[], nowMs: number): HoldUp | null {
  if (run.leaseEndsInMs === null && run.startedAtMs === null) return { kind: 'starting' };
  if (run.leaseEndsInMs === null || run.leaseEndsInMs <= 0) return { kind: 'unheld' };
  const own = budgets.filter(({ mallId }) => mallId === run.mallId);
  const quotaMs = own.find(({ endpoint }) => endpoint === WHOLE_MALL)?.blockedUntilMs ?? 0;
  if (quotaMs > nowMs) return { kind: 'quota', untilMs: quotaMs };
  if (run.status !== 'WAITING') return null;
  const blockedMs = Math.max(0, ...own.map(({ blockedUntilMs }) => blockedUntilMs ?? 0));
  // a block of a second or two is over before anyone has read of it
  return blockedMs > nowMs + SECOND_MS ? { kind: 'blocked', untilMs: blockedMs } : { kind: 'calls' };
}

/** A time of Asia/Seoul, with its day when that is not today. */
export function toMomentText(ms: number, nowMs: number): string {
  const [day = '', time = ''] = toSeoulTime(ms).split('T');
  return day === toSeoulDay(nowMs) ? time : `${day} ${time.slice(0, 5)}`;
}
