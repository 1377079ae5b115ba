import type { Candidate } from '../../adapters/postgres/read-models/rerun-candidates.ts';
import { DAY_MS, startOfSeoulDay, toSeoulDay } from '../../domain/seoul-time.ts';

export interface PlanSituation {
  readonly nowMs: number;
  /** `HH:MM` in Asia/Seoul until which the night's runs need their malls' calls. */
  readonly nightDeadline: string;
}

/** Of an instance: its rejected rows, what its checkpoint has left, all of it. */
export type Extent = 'rejected' | 'rest' | 'all';

export interface Estimate {
  /** Null when nothing is known of the mall's domain type yet. */
  readonly estimatedCalls: number | null;
  /** By the mall's own budget, a block that stands included, as if nothing else spent it. */
  readonly estimatedSeconds: number | null;
}

export interface Longest {
  readonly mallId: number;
  readonly mallName: string;
  readonly seconds: number;
}

/** Runs that still want a mall's calls when the night's own run of it is due. */
export interface NightOverlap {
  /** `YYYY-MM-DD`: the day whose first hours are meant. */
  readonly night: string;
  readonly malls: number;
  /** It is that night already. */
  readonly isUnderWay: boolean;
}

/** Keys that one call asks for when rejected rows are read again. */
const KEYS_A_CALL = 100;

export function estimateCalls(candidate: Candidate, extent: Extent, pageSize: number): number | null {
  if (extent === 'rejected') return Math.ceil(candidate.openRejects / KEYS_A_CALL);
  const { checkpoint, lastApiCalls } = candidate;
  if (extent === 'rest' && checkpoint?.rowsLeft !== undefined && checkpoint.rowsLeft !== null) {
    const windowsLeft = checkpoint.windowsTotal - checkpoint.windowsDone;
    // a window is counted before and after its pages
    return Math.ceil(checkpoint.rowsLeft / pageSize) + 2 * windowsLeft;
  }
  return lastApiCalls;
}

export function toEstimate(candidate: Candidate, calls: number | null, nowMs: number): Estimate {
  if (calls === null) return { estimatedCalls: null, estimatedSeconds: null };
  const blockedMs = Math.max(0, (candidate.blockedUntilMs ?? nowMs) - nowMs);
  const seconds = calls === 0 ? 0 : calls / candidate.callsPerSecond + blockedMs / 1_000;
  return { estimatedCalls: calls, estimatedSeconds: seconds };
}

interface Started {
  readonly candidate: Candidate;
  readonly estimatedSeconds: number | null;
}

/** The runs of a mall share its calls, so their times add up. */
export function findLongest(started: readonly Started[]): Longest | null {
  let longest: Longest | null = null;
  for (const each of sumByMall(started)) if (longest === null || each.seconds > longest.seconds) longest = each;
  return longest;
}

function sumByMall(started: readonly Started[]): readonly Longest[] {
  return [...Map.groupBy(started, ({ candidate }) => candidate.mallId)].map(([mallId, items]) => ({
    mallId,
    mallName: items[0]?.candidate.mallName ?? '',
    seconds: items.reduce((sum, { estimatedSeconds }) => sum + (estimatedSeconds ?? 0), 0),
  }));
}

/** Null when all is over before the next night begins, as far as can be told. */
export function findNightOverlap(
  started: readonly Started[],
  { nowMs, nightDeadline }: PlanSituation,
): NightOverlap | null {
  const todayMs = startOfSeoulDay(nowMs);
  const [hours = 0, minutes = 0] = nightDeadline.split(':').map(Number);
  const isUnderWay = nowMs < todayMs + (hours * 60 + minutes) * 60_000;
  const beginMs = isUnderWay ? todayMs : todayMs + DAY_MS;
  const malls = sumByMall(started).filter(({ seconds }) => nowMs + seconds * 1_000 > beginMs).length;
  return malls === 0 ? null : { night: toSeoulDay(beginMs), malls, isUnderWay };
}
