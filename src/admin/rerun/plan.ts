import type { Candidate } from '../../adapters/postgres/read-models/rerun-candidates.ts';
import type { DomainType } from '../../domain/domain-type.ts';
import { parsePeriod } from '../../domain/period.ts';
import { groupRuns } from '../../domain/rerun-plan.ts';
import type { Estimate, Extent, Longest, NightOverlap, PlanSituation } from './estimate.ts';
import { estimateCalls, findLongest, findNightOverlap, toEstimate } from './estimate.ts';

/** RESUME goes on where it stopped, REPROCESS reads what is complete once more, REPLAY only rejected rows. */
export const PLAN_MODES = ['resume', 'reprocess', 'replay'] as const;
export type PlanMode = (typeof PLAN_MODES)[number];

export const VERDICTS = ['start', 'alreadyRunning', 'alreadyComplete', 'refused'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Why the verdict is as it is, for a sentence in the visitor's language. */
export type Why =
  | 'fromBegin'
  | 'fromCheckpoint'
  | 'readsAgain'
  | 'replaysRows'
  | 'isRunning'
  | 'isComplete'
  | 'hasOnlyRejects'
  | 'mallInactive'
  | 'domainOff'
  | 'periodOpen'
  | 'nothingToReplay';

export interface PlanItem extends Estimate {
  readonly candidate: Candidate;
  readonly verdict: Verdict;
  readonly why: Why;
  /** It is started, and fails unless the mall is authorized by then. */
  readonly needsConsent: boolean;
}

/** What becomes one retry request, and one MallSync where there is a cluster. */
export interface PlanGroup {
  readonly domainType: DomainType;
  readonly startDate: string;
  readonly endDate: string;
  readonly pageSize: number;
  readonly items: readonly PlanItem[];
  readonly counts: Readonly<Record<Verdict, number>>;
}

export interface RerunPlan {
  readonly mode: PlanMode;
  readonly groups: readonly PlanGroup[];
  readonly counts: Readonly<Record<Verdict, number>>;
  /** Malls that are started. */
  readonly malls: number;
  /** API calls of what is started, as far as they can be told. */
  readonly calls: number;
  /** Items that are started and of which nothing is known yet, so that they are in no estimate. */
  readonly unknown: number;
  readonly needsConsent: number;
  /** The mall that takes longest; the others run beside it. */
  readonly longest: Longest | null;
  readonly night: NightOverlap | null;
}

export interface PlanWish {
  readonly mode: PlanMode;
  /** Null: as before. */
  readonly pageSize: number | null;
}

/** What would become of each candidate. The decision is made again by whoever carries the request out. */
export function planRerun(candidates: readonly Candidate[], wish: PlanWish, situation: PlanSituation): RerunPlan {
  const groups = groupRuns(candidates).map(({ runs, ...group }): PlanGroup => {
    const pageSize = wish.pageSize ?? group.pageSize;
    const isOpen = parsePeriod(group.startDate, group.endDate).untilMs > situation.nowMs;
    const items = runs.map((candidate) => planItem(candidate, { ...wish, pageSize }, isOpen, situation.nowMs));
    return { ...group, pageSize, items, counts: countVerdicts(items) };
  });
  const items = groups.flatMap((group) => group.items);
  const started = items.filter(({ verdict }) => verdict === 'start');
  return {
    mode: wish.mode,
    groups,
    counts: countVerdicts(items),
    malls: new Set(started.map(({ candidate }) => candidate.mallId)).size,
    calls: started.reduce((sum, { estimatedCalls }) => sum + (estimatedCalls ?? 0), 0),
    unknown: started.filter(({ estimatedCalls }) => estimatedCalls === null).length,
    needsConsent: started.filter(({ needsConsent }) => needsConsent).length,
    longest: findLongest(started),
    night: findNightOverlap(started, situation),
  };
}

function planItem(
  candidate: Candidate,
  wish: { readonly mode: PlanMode; readonly pageSize: number },
  isOpen: boolean,
  nowMs: number,
): PlanItem {
  const { verdict, why } = judge(candidate, wish.mode, isOpen);
  const needsConsent = verdict === 'start' && candidate.credentialState !== 'ACTIVE';
  const calls = verdict === 'start' ? estimateCalls(candidate, toExtent(why), wish.pageSize) : 0;
  return { candidate, verdict, why, needsConsent, ...toEstimate(candidate, calls, nowMs) };
}

/** In the order in which the ledger decides; what it would let in but nobody means, a mall switched off, comes first. */
function judge(
  candidate: Candidate,
  mode: PlanMode,
  isOpen: boolean,
): { readonly verdict: Verdict; readonly why: Why } {
  if (!candidate.active) return { verdict: 'refused', why: 'mallInactive' };
  if (!candidate.takesDomain) return { verdict: 'refused', why: 'domainOff' };
  if (isOpen) return { verdict: 'refused', why: 'periodOpen' };
  if (candidate.liveExecutionId !== null) return { verdict: 'alreadyRunning', why: 'isRunning' };
  if (mode === 'replay') {
    return candidate.openRejects > 0
      ? { verdict: 'start', why: 'replaysRows' }
      : { verdict: 'refused', why: 'nothingToReplay' };
  }
  if (!candidate.isComplete) {
    const hasCheckpoint = candidate.checkpoint !== null && candidate.checkpoint.windowsTotal > 0;
    return { verdict: 'start', why: hasCheckpoint ? 'fromCheckpoint' : 'fromBegin' };
  }
  if (mode === 'reprocess') return { verdict: 'start', why: 'readsAgain' };
  return { verdict: 'alreadyComplete', why: candidate.openRejects > 0 ? 'hasOnlyRejects' : 'isComplete' };
}

function toExtent(why: Why): Extent {
  if (why === 'replaysRows') return 'rejected';
  return why === 'fromCheckpoint' ? 'rest' : 'all';
}

function countVerdicts(items: readonly PlanItem[]): Readonly<Record<Verdict, number>> {
  const counts = { start: 0, alreadyRunning: 0, alreadyComplete: 0, refused: 0 };
  for (const { verdict } of items) counts[verdict] += 1;
  return counts;
}
