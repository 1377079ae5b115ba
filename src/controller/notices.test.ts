import { describe, expect, it } from 'vitest';
import type { Condition, ConditionType, MallFailure, MallSyncStatus } from './mall-sync.ts';
import { listNotices } from './notices.ts';

type Claims = Partial<Record<ConditionType, string>>;

const UNDER_WAY: Claims = {
  Admitted: 'True Admitted',
  Progressing: 'True Running',
  Succeeded: 'Unknown InProgress',
  Degraded: 'False NoFailures',
};

function buildStatus(claims: Claims, overrides: Partial<MallSyncStatus> = {}): MallSyncStatus {
  const conditions = Object.entries({ ...UNDER_WAY, ...claims }).map(([type, claim]) => {
    const [status, reason] = claim.split(' ');
    return {
      type,
      status,
      reason,
      message: `${type} it is`,
      observedGeneration: 1,
      lastTransitionTime: '',
    } as Condition;
  });
  const malls = {
    total: 3,
    waiting: 0,
    active: 0,
    succeeded: 0,
    withRejects: 0,
    alreadyComplete: 0,
    refused: 0,
    failed: 0,
    stopped: 0,
  };
  const rows = { read: 0, inserted: 0, updated: 0, unchanged: 0, rejected: 0 };
  return { observedGeneration: 1, conditions, malls, rows, failures: [], explanation: '', ...overrides };
}

function buildFailures(count: number): readonly MallFailure[] {
  return Array.from({ length: count }, (_, index) => {
    const mallId = index + 1;
    return { mallId, reason: 'Lost', message: 'gone', attempt: 1, executionId: mallId };
  });
}

const END = { completionTime: '2026-01-10T01:00:00Z' };
const underWay = buildStatus({});
const suspended = buildStatus({ Progressing: 'False Suspended' });
const succeeded = buildStatus({ Progressing: 'False Succeeded', Succeeded: 'True Succeeded' }, END);
const ended = (reason: string, malls: Partial<MallSyncStatus['malls']>): MallSyncStatus => {
  const status = buildStatus({ Progressing: `False ${reason}`, Succeeded: `False ${reason}` }, END);
  return { ...status, malls: { ...status.malls, ...malls } };
};

describe('listNotices', () => {
  it.each<[string, MallSyncStatus | null, MallSyncStatus, readonly string[]]>([
    ['admission', null, underWay, ['Normal Admitted']],
    ['nothing new', underWay, underWay, []],
    ['the end', underWay, succeeded, ['Normal Succeeded']],
    ['the end, once', succeeded, succeeded, []],
    ['an end at once', null, succeeded, ['Normal Admitted', 'Normal Succeeded']],
    [
      'rejects',
      underWay,
      buildStatus({ Succeeded: 'True CompletedWithRejects' }, END),
      ['Warning CompletedWithRejects'],
    ],
    ['failure', underWay, ended('AuthFailed', { failed: 1 }), ['Warning Failed']],
    ['a stop', underWay, ended('Stopped', { stopped: 2 }), ['Normal Stopped']],
    ['refusal', underWay, ended('DuplicateRefused', { refused: 1 }), ['Warning Refused']],
    ['a suspension', underWay, suspended, ['Normal Suspended']],
    ['a suspension that still runs out', buildStatus({ Progressing: 'True Suspending' }), suspended, []],
    ['a resumption', suspended, underWay, ['Normal Resumed']],
    ['the cancel of what was suspended', suspended, ended('Stopped', { stopped: 2 }), ['Normal Stopped']],
    ['a new attempt', succeeded, underWay, ['Normal Reopened']],
    ['what cannot start', underWay, buildStatus({ Degraded: 'True ImagePull' }), ['Warning CannotStart']],
    [
      'what still cannot start',
      buildStatus({ Degraded: 'True ImagePull' }),
      buildStatus({ Degraded: 'True ImagePull' }),
      [],
    ],
  ])('tells of %s', (_, previous, next, lines) => {
    expect(listNotices(previous, next).map(({ type, reason }) => `${type} ${reason}`)).toEqual(lines);
  });

  it('tells of each newly failed mall once, and again when its next attempt fails', () => {
    const one = buildStatus({}, { failures: buildFailures(1) });
    const two = buildStatus({}, { failures: buildFailures(2) });
    expect(listNotices(one, two)).toEqual([{ type: 'Warning', reason: 'MallFailed', message: 'mall 2 Lost: gone' }]);
    const again = buildFailures(1).map((failure) => ({ ...failure, executionId: 40, attempt: 2 }));
    expect(listNotices(one, buildStatus({}, { failures: again })).map(({ reason }) => reason)).toEqual(['MallFailed']);
    expect(listNotices(two, two)).toEqual([]);
  });

  it('tells of at most twenty malls, also when they fail one after the other', () => {
    const all = buildFailures(30);
    let told = 0;
    for (let count = 1; count <= 30; count++) {
      const newest = (failed: number): MallSyncStatus =>
        buildStatus({}, { failures: all.slice(30 - failed).slice(0, 20) });
      told += listNotices(newest(count - 1), newest(count)).length;
    }
    expect(told).toBe(20);
  });

  it('names a refused mall as such', () => {
    const failures = [{ mallId: 2, reason: 'DuplicateRefused', message: 'already running' }] as const;
    expect(listNotices(underWay, buildStatus({}, { failures }))).toEqual([
      { type: 'Warning', reason: 'MallRefused', message: 'mall 2 DuplicateRefused: already running' },
    ]);
  });
});
