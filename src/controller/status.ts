import { buildClaims, dateConditions } from './conditions.ts';
import { explain, parseNextCheckMinute, withoutNextCheck } from './explanation.ts';
import { listFailures, sumRows } from './mall-counts.ts';
import type { MallSyncStatus } from './mall-sync.ts';
import type { Situation } from './status-situation.ts';

const DAY_MINUTES = 1_440;
/** A next check that was named so long ago is corrected although nothing else is new. */
const STALE_CHECK_MINUTES = 30;

/** @param nextCheckMs from now on; null names none */
export function buildStatus(situation: Situation, nextCheckMs: number | null): MallSyncStatus {
  const { observed, nowMs, isFinished, standings, counts } = situation;
  const { generation, status: previous } = observed.mallSync;
  const now = toInstant(nowMs);
  const startTime = previous?.startTime ?? (observed.ledger.malls === null ? undefined : now);
  return {
    observedGeneration: generation,
    conditions: dateConditions(buildClaims(situation), previous, generation, now),
    malls: counts,
    rows: sumRows(observed.ledger.runs),
    failures: listFailures(standings),
    explanation: explain(situation, nextCheckMs),
    ...(startTime === undefined ? {} : { startTime }),
    ...(isFinished ? { completionTime: previous?.completionTime ?? now } : {}),
  };
}

/** RFC 3339, whole seconds, UTC. */
export function toInstant(instantMs: number): string {
  return `${new Date(instantMs).toISOString().slice(0, 19)}Z`;
}

/** Whether `next` says more than `previous` but for the next check, unless that has long passed. */
export function isWorthSaving(previous: MallSyncStatus | null, next: MallSyncStatus): boolean {
  if (previous === null) return true;
  const isSame = isEqual(withoutCheck(previous), withoutCheck(next));
  return !isSame || isCheckStale(previous.explanation, next.explanation);
}

/** Whether `next` claims what `previous` claims, in other words or with other counts at most. */
export function hasSameConditions(previous: MallSyncStatus | null, next: MallSyncStatus): boolean {
  return previous !== null && isEqual(listClaims(previous), listClaims(next));
}

function listClaims({ conditions }: MallSyncStatus): readonly string[] {
  return conditions.map(({ type, status, reason }) => `${type} ${status} ${reason}`);
}

function withoutCheck(status: MallSyncStatus): MallSyncStatus {
  return { ...status, explanation: withoutNextCheck(status.explanation) };
}

function isCheckStale(previous: string, next: string): boolean {
  const before = parseNextCheckMinute(previous);
  const after = parseNextCheckMinute(next);
  if (before === null || after === null) return before !== after;
  const laterMinutes = (after - before + DAY_MINUTES) % DAY_MINUTES;
  // more than half a day later is an earlier check
  return laterMinutes >= STALE_CHECK_MINUTES && laterMinutes < DAY_MINUTES / 2;
}

/** Of JSON values; keys in any order, and one that is undefined is none. */
function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = new Map<string, unknown>(Object.entries(a));
  const right = new Map<string, unknown>(Object.entries(b));
  return [...new Set([...left.keys(), ...right.keys()])].every((key) => isEqual(left.get(key), right.get(key)));
}
