import { explainProblems, explainState } from './explanation.ts';
import { countBlocked, countOf, explainObstacle, explainWaiting, isBlocking } from './explanation-waiting.ts';
import type { Condition, ConditionType, MallSyncStatus } from './mall-sync.ts';
import { CONDITION_TYPES } from './mall-sync.ts';
import { shorten } from './mall-counts.ts';
import type { MallRecord } from './run.ts';
import type { Situation } from './status-situation.ts';

/** What a condition says, before it is dated. */
export type Claim = Pick<Condition, 'status' | 'reason' | 'message'>;

const LONGEST_MESSAGE = 1_000;
const MOST_NAMED = 5;

export function buildClaims(situation: Situation): Readonly<Record<ConditionType, Claim>> {
  return {
    Admitted: claimAdmitted(situation),
    Progressing: claimProgressing(situation),
    Succeeded: claimSucceeded(situation),
    Degraded: claimDegraded(situation),
  };
}

/** The time of a condition moves only when its status does. */
export function dateConditions(
  claims: Readonly<Record<ConditionType, Claim>>,
  previous: MallSyncStatus | null,
  generation: number,
  now: string,
): readonly Condition[] {
  return CONDITION_TYPES.map((type) => {
    const { status, reason, message } = claims[type];
    const before = previous?.conditions.find((condition) => condition.type === type);
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : now;
    const text = shorten(message, LONGEST_MESSAGE);
    return { type, status, reason, message: text, observedGeneration: generation, lastTransitionTime };
  });
}

function claimAdmitted({ observed, admission, counts, standings }: Situation): Claim {
  const { malls } = observed.ledger;
  if (malls === null) {
    const status = admission?.admission === 'due' ? 'Unknown' : 'False';
    return { status, reason: admission?.reason ?? 'Admitting', message: admission?.message ?? '' };
  }
  if (counts.total > 0 && counts.refused === counts.total) {
    return {
      status: 'False',
      reason: findSharedReason(listUnsuccessful(standings)),
      message: 'Every mall was refused.',
    };
  }
  const parts = [
    `${countOf(malls.filter(({ result }) => result === 'ADMITTED').length, counts.total)} admitted`,
    ...(counts.alreadyComplete > 0 ? [`${counts.alreadyComplete} already complete`] : []),
    ...(counts.refused > 0 ? [`${counts.refused} refused`] : []),
  ];
  return {
    status: 'True',
    reason: 'Admitted',
    message: [`${parts.join(', ')}.`, ...nameOtherAttempts(malls)].join(' '),
  };
}

/** Which malls run under another attempt than the wished one, since that had been used. */
function nameOtherAttempts(malls: readonly MallRecord[]): readonly string[] {
  const others = malls.filter(({ result, message }) => result === 'ADMITTED' && message !== null);
  const named = others.slice(0, MOST_NAMED).map(({ mallId, message }) => `Mall ${mallId}: ${message}.`);
  return others.length > named.length ? [...named, `The same for ${others.length - named.length} more.`] : named;
}

function claimProgressing(situation: Situation): Claim {
  const { observed, admission, counts, isFinished, obstacles } = situation;
  if (isFinished)
    return { status: 'False', reason: claimSucceeded(situation).reason, message: 'Nothing is left to do.' };
  if (observed.ledger.malls === null) {
    return { status: 'False', reason: admission?.reason ?? 'Admitting', message: admission?.message ?? '' };
  }
  const message = explainWaiting(situation).join(' ');
  if (observed.mallSync.spec.suspend) {
    return counts.active === 0
      ? { status: 'False', reason: 'Suspended', message }
      : { status: 'True', reason: 'Suspending', message };
  }
  if (counts.active > 0 && counts.active === countBlocked(obstacles)) {
    return { status: 'False', reason: obstacles.find(isBlocking)?.reason ?? 'WaitingForQuota', message };
  }
  return { status: 'True', reason: counts.active > 0 || counts.waiting === 0 ? 'Running' : 'Waiting', message };
}

function claimSucceeded(situation: Situation): Claim {
  const { isFinished, counts, admission, standings } = situation;
  if (!isFinished) return { status: 'Unknown', reason: 'InProgress', message: 'It has not ended.' };
  const message = explainState(situation);
  if (admission?.admission === 'refused') return { status: 'False', reason: admission.reason, message };
  if (counts.total === 0) return { status: 'False', reason: 'NoMalls', message };
  if (counts.failed + counts.refused + counts.stopped > 0) {
    return { status: 'False', reason: findSharedReason(listUnsuccessful(standings)), message };
  }
  if (counts.withRejects > 0) return { status: 'True', reason: 'CompletedWithRejects', message };
  if (counts.alreadyComplete === counts.total) return { status: 'True', reason: 'AlreadyComplete', message };
  return { status: 'True', reason: 'Succeeded', message };
}

function claimDegraded(situation: Situation): Claim {
  const { counts, admission, isFinished, obstacles, standings } = situation;
  const message = explainProblems(situation) ?? '';
  if (admission?.admission === 'refused' && admission.reason !== 'Stopped') {
    return { status: 'True', reason: admission.reason, message: admission.message };
  }
  const bad = standings.filter(({ standing }) => standing === 'failed' || standing === 'refused');
  if (bad.length > 0) return { status: 'True', reason: findSharedReason(bad), message };
  const blocked = obstacles.find(({ kind }) => kind === 'cannot-start');
  if (blocked !== undefined) {
    return { status: 'True', reason: blocked.reason ?? 'Unschedulable', message: explainObstacle(blocked) };
  }
  if (isFinished && counts.total === 0 && admission === null) {
    return { status: 'True', reason: 'NoMalls', message: explainState(situation) };
  }
  if (counts.withRejects > 0) {
    const rejects = `${countOf(counts.withRejects, counts.total)} with rejected rows.`;
    return { status: 'True', reason: 'CompletedWithRejects', message: rejects };
  }
  return { status: 'False', reason: 'NoFailures', message: 'Nothing needs a person.' };
}

function listUnsuccessful(standings: Situation['standings']): Situation['standings'] {
  return standings.filter(({ reason }) => reason !== null);
}

/** The word that all of them share. */
function findSharedReason(malls: Situation['standings']): string {
  const reasons = new Set(malls.map(({ reason }) => reason ?? 'Bug'));
  const [only] = reasons;
  return reasons.size === 1 && only !== undefined ? only : 'MallsFailed';
}
