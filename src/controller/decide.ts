import { isLive } from '../domain/execution.ts';
import { dateConditions, type Claim } from './conditions.ts';
import type { Decision, DecisionSettings, Observed } from './decision.ts';
import { countMalls, sumRows } from './mall-counts.ts';
import type { MallSync, MallSyncStatus } from './mall-sync.ts';
import { toNameHash } from './name-hash.ts';
import { listNotices } from './notices.ts';
import { ADMISSION_POLICIES } from './policies/admission-policies.ts';
import { EXPIRY_POLICIES } from './policies/expiry-policies.ts';
import { LIVE_RUN_POLICIES } from './policies/live-run-policies.ts';
import { mergeActions } from './policies/merge-actions.ts';
import { listSightings, type Sightings } from './policies/run-sighting.ts';
import { SETTLED_RUN_POLICIES } from './policies/settled-run-policies.ts';
import { STRAY_JOB_POLICIES } from './policies/stray-job-policies.ts';
import { firstVerdict, type Verdict } from './policies/verdict.ts';
import { buildStatus, toInstant } from './status.ts';
import { buildSituation, type Situation } from './status-situation.ts';

const SHORTEST_SAFETY_MS = 180_000;
const SAFETY_SPREAD_MS = 120_000;

/**
 * What is to be done about one MallSync, and what is to be said of it. Launching is no part of it: a run that waits stays
 * as it is. `observed.jobs` must have been looked at before `observed.ledger`: else a run that was settled in between
 * looks as if its Job had ended without a word.
 */
export function decide(observed: Observed, nowMs: number, settings: DecisionSettings): Decision {
  const sightings = listSightings(observed);
  const admission = firstVerdict(ADMISSION_POLICIES, observed, nowMs, settings);
  const situation = buildSituation(observed, sightings.runs, admission, nowMs);
  const verdicts = [
    admission,
    ...judgeJobs(sightings, nowMs, settings),
    firstVerdict(EXPIRY_POLICIES, situation, nowMs, settings),
  ].filter((verdict) => verdict !== null);
  const requeueAfterMs = findNextCheck(situation, verdicts);
  const status = buildStatus(situation, isDormant(situation) ? null : requeueAfterMs);
  return {
    actions: mergeActions(verdicts.flatMap(({ actions }) => actions)),
    reasons: verdicts.filter(({ actions }) => actions.length > 0).map(({ reason, message }) => ({ reason, message })),
    status,
    notices: listNotices(observed.mallSync.status, status),
    requeueAfterMs,
  };
}

function judgeJobs(
  { runs, strays }: Sightings,
  nowMs: number,
  settings: DecisionSettings,
): readonly (Verdict | null)[] {
  return [
    ...runs.map((sighting) => {
      const policies = isLive(sighting.run.status) ? LIVE_RUN_POLICIES : SETTLED_RUN_POLICIES;
      return firstVerdict(policies, sighting, nowMs, settings);
    }),
    ...strays.map((stray) => firstVerdict(STRAY_JOB_POLICIES, stray, nowMs, settings)),
  ];
}

/** The earliest time that a policy named, and for what is not over a look now and then, in case an event was missed. */
function findNextCheck(situation: Situation, verdicts: readonly Verdict[]): number | null {
  const named = verdicts.flatMap(({ requeueAfterMs }) => (requeueAfterMs === undefined ? [] : [requeueAfterMs]));
  const safety = needsSafetyLook(situation) ? [toSafetyMs(situation.observed.mallSync.uid)] : [];
  const times = [...named, ...safety];
  return times.length === 0 ? null : Math.min(...times);
}

function needsSafetyLook(situation: Situation): boolean {
  const { observed, admission } = situation;
  if (observed.jobs.some((job) => job.hasOutcomeFinalizer)) return true;
  const isHeldBack = observed.ledger.malls === null && admission?.admission === 'held';
  return !isHeldBack && !isDormant(situation);
}

/** Nothing happens to its malls before a person changes it. */
function isDormant({ observed, isFinished, counts }: Situation): boolean {
  return isFinished || (observed.mallSync.spec.suspend && counts.active === 0);
}

/** Three to five minutes, another for each MallSync, so that they do not all come at once. */
function toSafetyMs(uid: string): number {
  return SHORTEST_SAFETY_MS + (Number.parseInt(toNameHash([uid]).slice(-6), 36) % SAFETY_SPREAD_MS);
}

/** What is said of a MallSync that cannot be read; nothing is done about it. */
export function buildFaultStatus(mallSync: MallSync, nowMs: number): MallSyncStatus {
  const { status: previous, generation } = mallSync;
  const message = `It cannot be read: ${mallSync.fault ?? 'its spec is missing'}.`;
  const claim = (status: Claim['status']): Claim => ({ status, reason: 'ConfigInvalid', message });
  const claims = {
    Admitted: claim('False'),
    Progressing: claim('False'),
    Succeeded: claim('False'),
    Degraded: claim('True'),
  };
  return {
    observedGeneration: generation,
    conditions: dateConditions(claims, previous, generation, toInstant(nowMs)),
    malls: previous?.malls ?? countMalls([]),
    rows: previous?.rows ?? sumRows([]),
    failures: previous?.failures ?? [],
    explanation: `${message} Correct it and apply it again.`,
    ...(previous?.startTime === undefined ? {} : { startTime: previous.startTime }),
  };
}
