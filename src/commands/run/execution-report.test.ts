import { describe, expect, it } from 'vitest';
import { NO_COUNTERS } from '../../domain/counters.ts';
import { buildRunReport, toRunExitCode } from './execution-report.ts';
import type { ExecutionReport } from './execution-report.ts';

const { bytes: _bytes, ...NOTHING } = NO_COUNTERS;

function buildExecution(overrides: Partial<ExecutionReport>): ExecutionReport {
  return {
    ...NOTHING,
    mallId: 1,
    domainType: 'MEMBER',
    startDate: '2025-12-01T00:00:00',
    endDate: '2025-12-02T00:00:00',
    executionId: 1,
    attemptCount: 1,
    status: 'COMPLETED',
    alreadyComplete: false,
    failureReason: null,
    failureMessage: null,
    seconds: 1,
    ...overrides,
  };
}

const COMPLETED = buildExecution({ read: 10, inserted: 7, unchanged: 3 });
const WITH_REJECTS = buildExecution({ status: 'COMPLETED_WITH_REJECTS', read: 5, rejected: 1 });
const ALREADY = buildExecution({ alreadyComplete: true });
const FAILED = buildExecution({ status: 'FAILED', failureReason: 'AuthFailed' });
const OPEN = buildExecution({ status: 'REFUSED', failureReason: 'PeriodOpen', executionId: null });
const LEFT_LIVE = buildExecution({ status: 'RUNNING', failureReason: 'Stopped' });

describe('buildRunReport', () => {
  it('adds up the counters and tells the four kinds of ends apart', () => {
    const { totals } = buildRunReport([COMPLETED, WITH_REJECTS, ALREADY, FAILED, OPEN], 2);
    expect(totals).toMatchObject({ read: 15, inserted: 7, unchanged: 3, rejected: 1 });
    expect(totals).toMatchObject({ completed: 1, withRejects: 1, alreadyComplete: 1, failed: 2 });
  });

  it('counts what was left live as failed', () => {
    expect(buildRunReport([LEFT_LIVE], 1).totals.failed).toBe(1);
  });
});

describe('toRunExitCode', () => {
  const codeOf = (...executions: ExecutionReport[]): number => toRunExitCode(buildRunReport(executions, 1));

  it('is 0 when everything is complete, before or now, with or without rejects', () => {
    expect(codeOf(COMPLETED, WITH_REJECTS, ALREADY)).toBe(0);
  });

  it('is 1 when some failed, whatever they failed for', () => {
    expect(codeOf(COMPLETED, FAILED)).toBe(1);
    expect(codeOf(FAILED)).toBe(1);
    expect(codeOf(COMPLETED, OPEN)).toBe(1);
  });

  it('is the code of the refusal when nothing was begun for one reason', () => {
    expect(codeOf(OPEN, OPEN)).toBe(64);
    expect(codeOf(OPEN, buildExecution({ status: 'REFUSED', failureReason: 'LeaseLost' }))).toBe(1);
  });
});
