import { isComplete, isLive } from '../../domain/execution.ts';
import type { Observed } from '../decision.ts';
import type { MallRecord } from '../run.ts';
import { isEnding, type Policy, type Verdict } from './verdict.ts';

export interface AdmissionVerdict extends Verdict {
  /** `due`: to be admitted now; `held`: not now; `refused`: never. */
  readonly admission: 'due' | 'held' | 'refused';
}

/** A night's MallSync made a moment early waits; a period further in the future is a mistake. */
const LONGEST_PERIOD_WAIT_MS = 600_000;
/** The database's clock decides for good whether a period is over, and may be behind ours. */
const CLOCK_MARGIN_MS = 2_000;

/** Null from all of them: every mall has been admitted or refused. */
export const ADMISSION_POLICIES: readonly Policy<Observed, AdmissionVerdict>[] = [
  refuseEnding,
  keepRefusal,
  holdSuspended,
  awaitPeriod,
  admit,
];

function refuseEnding(observed: Observed): AdmissionVerdict | null {
  if (observed.ledger.malls !== null || !isEnding(observed.mallSync)) return null;
  return { admission: 'refused', reason: 'Stopped', message: 'It was cancelled before it was admitted.', actions: [] };
}

/** What was refused as too early is not begun later by itself: nobody may count on it any more. */
function keepRefusal({ mallSync, ledger }: Observed): AdmissionVerdict | null {
  const { status, generation } = mallSync;
  if (ledger.malls !== null || status?.observedGeneration !== generation) return null;
  const isRefused = status.conditions.some(({ type, reason }) => type === 'Succeeded' && reason === 'PeriodOpen');
  return isRefused ? refuseOpenPeriod(mallSync) : null;
}

function refuseOpenPeriod({ spec }: Observed['mallSync']): AdmissionVerdict {
  const message = `Its period ends at ${spec.period.endDate} (Asia/Seoul), which is not over.`;
  return { admission: 'refused', reason: 'PeriodOpen', message, actions: [] };
}

function holdSuspended(observed: Observed): AdmissionVerdict | null {
  if (!observed.mallSync.spec.suspend || !isAdmissionDue(observed)) return null;
  return {
    admission: 'held',
    reason: 'Suspended',
    message: 'It is suspended until spec.suspend is false.',
    actions: [],
  };
}

function awaitPeriod({ mallSync, ledger }: Observed, nowMs: number): AdmissionVerdict | null {
  const waitMs = mallSync.spec.period.untilMs + CLOCK_MARGIN_MS - nowMs;
  if (ledger.malls !== null || waitMs <= 0) return null;
  if (waitMs > LONGEST_PERIOD_WAIT_MS + CLOCK_MARGIN_MS) return refuseOpenPeriod(mallSync);
  const message = `Its period ends at ${mallSync.spec.period.endDate} (Asia/Seoul); it begins then.`;
  return { admission: 'held', reason: 'PeriodNotOver', message, actions: [], requeueAfterMs: waitMs };
}

function admit(observed: Observed): AdmissionVerdict | null {
  if (!isAdmissionDue(observed)) return null;
  return { admission: 'due', reason: 'Admitting', message: 'It is being admitted.', actions: [{ kind: 'admit' }] };
}

/** Never for what is ending; for the first time, or because `attemptCount` has risen over a mall that is not complete. */
function isAdmissionDue({ mallSync, ledger }: Observed): boolean {
  if (isEnding(mallSync)) return false;
  if (ledger.malls === null) return true;
  const wish = mallSync.spec.attemptCount ?? 0;
  const completeIds = new Set<number>();
  const liveIds = new Set<number>();
  for (const { mallId, status } of ledger.runs) {
    if (isComplete(status)) completeIds.add(mallId);
    if (isLive(status)) liveIds.add(mallId);
  }
  const isDue = ({ mallId, result, attemptWish }: MallRecord): boolean =>
    !liveIds.has(mallId) && (result === 'PENDING' || (attemptWish < wish && !completeIds.has(mallId)));
  return ledger.malls.some(isDue);
}
