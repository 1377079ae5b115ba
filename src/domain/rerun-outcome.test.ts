import { describe, expect, it } from 'vitest';
import { describeLive } from './admission.ts';
import type { ExecutionStatus } from './execution.ts';
import type { RerunItemReport } from './rerun-outcome.ts';
import { describeRead, parseRead, toRerunVerdict } from './rerun-outcome.ts';

const LIVE = {
  executionId: 17,
  attemptCount: 2,
  mode: 'RESUME',
  reading: 1,
  pageSize: 1_000,
  mallSyncName: null,
} as const;

function outcomeOf(state: RerunItemReport['state'], result: string | null, status: ExecutionStatus | null = null) {
  const { outcome, reason } = toRerunVerdict({ state, result }, status);
  return [outcome, reason];
}

describe('toRerunVerdict', () => {
  it('tells what waits from what has started', () => {
    expect(outcomeOf('PENDING', null)).toEqual(['waiting', null]);
    expect(outcomeOf('ACCEPTED', null)).toEqual(['waiting', null]);
    expect(outcomeOf('RUNNING', null, 'RUNNING')).toEqual(['started', null]);
  });

  it('tells what another run holds from what is refused for another reason', () => {
    expect(outcomeOf('REFUSED', 'LeaseLost: execution 9 is held by pod x')).toEqual(['already running', 'LeaseLost']);
    for (const status of ['REQUESTED', 'RUNNING'] as const) {
      const message = describeLive({ ...LIVE, status });
      expect(outcomeOf('REFUSED', `DuplicateRefused: ${message}`)).toEqual(['already running', 'DuplicateRefused']);
    }
    expect(outcomeOf('REFUSED', 'DuplicateRefused: no rejected row of this period is open')).toEqual([
      'refused',
      'DuplicateRefused',
    ]);
    expect(outcomeOf('REFUSED', 'nothing of it is under way')).toEqual(['refused', null]);
  });

  it('tells how what was started has ended', () => {
    expect(outcomeOf('DONE', 'already complete', 'COMPLETED')).toEqual(['already complete', null]);
    expect(outcomeOf('DONE', 'COMPLETED: 5 read', 'COMPLETED')).toEqual(['completed', null]);
    expect(outcomeOf('DONE', 'AuthFailed: no token', 'FAILED')).toEqual(['failed', 'AuthFailed']);
    expect(outcomeOf('DONE', 'Stopped: by kim', 'STOPPED')).toEqual(['stopped', 'Stopped']);
    expect(outcomeOf('DONE', 'STOPPED', 'STOPPED')).toEqual(['stopped', null]);
  });
});

describe('parseRead', () => {
  it('reads the figures that describeRead wrote, and nothing else', () => {
    const rows = { read: 12, inserted: 3, updated: 4, rejected: 5 };
    expect(parseRead(describeRead('COMPLETED_WITH_REJECTS', rows))).toEqual(rows);
    expect(parseRead('AuthFailed: 3 read')).toBeNull();
    expect(parseRead(null)).toBeNull();
  });
});
