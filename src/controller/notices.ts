import type { Notice } from './cluster.ts';
import type { Condition, ConditionType, MallFailure, MallSyncStatus } from './mall-sync.ts';

/** How many failed malls a MallSync tells of one by one. */
const MOST_MALL_NOTICES = 20;

/** What has changed for people from one written status to the next: one notice for each transition. */
export function listNotices(previous: MallSyncStatus | null, next: MallSyncStatus): readonly Notice[] {
  return [
    ...noticeReopening(previous, next),
    ...noticeAdmission(previous, next),
    ...noticeSuspension(previous, next),
    ...noticeObstacle(previous, next),
    ...noticeFailedMalls(previous, next),
    ...noticeEnd(previous, next),
  ];
}

function noticeReopening(previous: MallSyncStatus | null, next: MallSyncStatus): readonly Notice[] {
  if (previous?.completionTime === undefined || next.completionTime !== undefined) return [];
  return [{ type: 'Normal', reason: 'Reopened', message: messageOf(next, 'Progressing') }];
}

function noticeAdmission(previous: MallSyncStatus | null, next: MallSyncStatus): readonly Notice[] {
  const admitted = findCondition(next, 'Admitted');
  const before = previous === null ? undefined : findCondition(previous, 'Admitted');
  if (admitted?.status !== 'True' || before?.status === 'True') return [];
  return [{ type: 'Normal', reason: 'Admitted', message: admitted.message }];
}

function noticeSuspension(previous: MallSyncStatus | null, next: MallSyncStatus): readonly Notice[] {
  const wasSuspended = previous !== null && isSuspended(previous);
  if (wasSuspended === isSuspended(next)) return [];
  if (!wasSuspended) return [{ type: 'Normal', reason: 'Suspended', message: messageOf(next, 'Progressing') }];
  if (next.completionTime !== undefined) return [];
  return [{ type: 'Normal', reason: 'Resumed', message: messageOf(next, 'Progressing') }];
}

function isSuspended(status: MallSyncStatus): boolean {
  const reason = findCondition(status, 'Progressing')?.reason;
  return reason === 'Suspended' || reason === 'Suspending';
}

const OBSTACLES = ['ImagePull', 'Unschedulable', 'ConfigInvalid'];

function noticeObstacle(previous: MallSyncStatus | null, next: MallSyncStatus): readonly Notice[] {
  const degraded = findCondition(next, 'Degraded');
  const before = previous === null ? undefined : findCondition(previous, 'Degraded');
  if (degraded?.status !== 'True' || degraded.reason === before?.reason) return [];
  if (!OBSTACLES.includes(degraded.reason) || next.failures.length > 0 || next.completionTime !== undefined) return [];
  return [{ type: 'Warning', reason: 'CannotStart', message: degraded.message }];
}

function noticeFailedMalls(previous: MallSyncStatus | null, next: MallSyncStatus): readonly Notice[] {
  const told = new Set(previous?.failures.map(identify));
  const fresh = next.failures.filter((failure) => !told.has(identify(failure)));
  return fresh.slice(0, Math.max(0, MOST_MALL_NOTICES - told.size)).map(noticeFailedMall);
}

function identify({ mallId, reason, executionId }: MallFailure): string {
  return executionId === undefined ? `${mallId} ${reason}` : `${mallId} ${executionId}`;
}

function noticeFailedMall({ mallId, reason, message, executionId }: MallFailure): Notice {
  const text = `mall ${mallId} ${reason}${message === '' ? '' : `: ${message}`}`;
  return { type: 'Warning', reason: executionId === undefined ? 'MallRefused' : 'MallFailed', message: text };
}

function noticeEnd(previous: MallSyncStatus | null, next: MallSyncStatus): readonly Notice[] {
  const succeeded = findCondition(next, 'Succeeded');
  const before = previous?.completionTime === undefined ? undefined : findCondition(previous, 'Succeeded');
  if (succeeded === undefined || next.completionTime === undefined) return [];
  if (before?.status === succeeded.status && before.reason === succeeded.reason) return [];
  return [{ ...nameEnd(succeeded, next), message: succeeded.message }];
}

function nameEnd({ status, reason }: Condition, { malls }: MallSyncStatus): Pick<Notice, 'type' | 'reason'> {
  if (status === 'True') {
    return reason === 'CompletedWithRejects' ? { type: 'Warning', reason } : { type: 'Normal', reason: 'Succeeded' };
  }
  if (reason === 'Stopped') return { type: 'Normal', reason };
  const isRefused = malls.failed === 0 && (malls.refused > 0 || reason === 'PeriodOpen');
  return { type: 'Warning', reason: isRefused ? 'Refused' : 'Failed' };
}

function messageOf(status: MallSyncStatus, type: ConditionType): string {
  return findCondition(status, type)?.message ?? '';
}

function findCondition(status: MallSyncStatus, type: ConditionType): Condition | undefined {
  return status.conditions.find((condition) => condition.type === type);
}
