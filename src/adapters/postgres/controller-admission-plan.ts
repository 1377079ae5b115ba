import type { MallRecord } from '../../controller/run.ts';
import {
  decideAdmission,
  describeLive,
  type AdmissionDecision,
  type AdmissionWish,
  type InstanceState,
} from '../../domain/admission.ts';

export type LockedInstance = InstanceState & { readonly instanceId: number };

/** A mall that is due for admission. */
export interface Candidate {
  readonly mallId: number;
  /** Whether there is a mall of that number. */
  readonly isKnown: boolean;
}

export interface PlannedExecution {
  readonly mallId: number;
  readonly instanceId: number;
  readonly attemptCount: number;
  readonly mode: AdmissionWish['mode'];
  readonly reading: number;
}

/** `executionId` null leaves the mall with what it had. */
export type PlannedRecord = Pick<MallRecord, 'mallId' | 'executionId' | 'reason' | 'message'> & {
  readonly result: Exclude<MallRecord['result'], 'PENDING'>;
};

export interface AdmissionPlan {
  readonly executions: readonly PlannedExecution[];
  /** One a candidate; for those of `executions` without their number, which is not given yet. */
  readonly records: readonly PlannedRecord[];
}

const OPEN: InstanceState = { isPeriodOver: false, reading: 1, executions: [], hasOpenRejects: false };

/**
 * What becomes of each candidate, by the rule that `run` and `sync` are admitted by. `instances` has all that are known,
 * by mallId; null while the period is not over.
 */
export function planAdmission(
  wish: Omit<AdmissionWish, 'onUsedAttempt'>,
  candidates: readonly Candidate[],
  instances: ReadonlyMap<number, LockedInstance> | null,
): AdmissionPlan {
  const executions: PlannedExecution[] = [];
  const records = candidates.map(({ mallId, isKnown }): PlannedRecord => {
    if (!isKnown) {
      const message = `there is no mall ${mallId}; see \`mallsync malls list\``;
      return { mallId, result: 'REFUSED', executionId: null, reason: 'ConfigInvalid', message };
    }
    const instance = instances?.get(mallId);
    const decision = decideAdmission({ ...wish, onUsedAttempt: 'next' }, instance ?? OPEN);
    if (decision.kind === 'admit' && instance !== undefined) {
      const { attemptCount, mode, reading } = decision;
      executions.push({ mallId, instanceId: instance.instanceId, attemptCount, mode, reading });
    }
    return { mallId, ...toAnswer(decision, wish.attemptCount) };
  });
  return { executions, records };
}

function toAnswer(decision: AdmissionDecision, wished: number | null): Omit<PlannedRecord, 'mallId'> {
  if (decision.kind === 'refused') {
    return { result: 'REFUSED', executionId: null, reason: decision.reason, message: decision.message };
  }
  if (decision.kind === 'admit') {
    const { attemptCount } = decision;
    const isOther = wished !== null && attemptCount !== wished;
    const message = isOther ? `attempt ${wished} was used already; this is attempt ${attemptCount}` : null;
    return { result: 'ADMITTED', executionId: null, reason: null, message };
  }
  if (decision.kind === 'already-complete') {
    const { executionId, attemptCount, status } = decision.execution;
    const message = `attempt ${attemptCount} (execution ${executionId}) ended as ${status}`;
    return { result: 'ALREADY_COMPLETE', executionId, reason: null, message };
  }
  const message = describeLive(decision.execution);
  return { result: 'REFUSED', executionId: null, reason: 'DuplicateRefused', message };
}
