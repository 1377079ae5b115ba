import { describe, expect, it } from 'vitest';
import { EXIT, isSettledByProcess } from './exit-code.ts';
import { FAILURES } from './failure.ts';

describe('the failure vocabulary', () => {
  it('holds exactly the words of the design', () => {
    expect(Object.keys(FAILURES).sort()).toEqual(
      (
        'ConfigInvalid AuthFailed PermissionDenied AppUninstalled RateLimited QuotaExceeded UpstreamUnavailable UpstreamContract ' +
        'RejectBudgetExceeded IncompleteRead DatabaseUnavailable LeaseLost DeadlineExceeded OutOfMemory Evicted ImagePull ' +
        'Unschedulable Stopped Lost DuplicateRefused PeriodOpen Bug'
      )
        .split(' ')
        .sort(),
    );
  });

  it('gives every word one whole sentence of advice', () => {
    for (const [reason, { advice }] of Object.entries(FAILURES)) {
      expect(advice, reason).toMatch(/^[A-Z].{15,}\.$/);
    }
  });

  it('leaves an execution live exactly on the codes that another try may mend', () => {
    const codes = [...new Set(Object.values(EXIT))];
    expect(new Set(codes.filter((code) => !isSettledByProcess(code)))).toEqual(new Set([1, 69, 70, 75, 143]));
  });
});
