import { describe, expect, it } from 'vitest';
import { ClusterError } from '../../../controller/cluster-error.ts';
import { decideRetryDelayMs, type FailedTry } from './retry-decision.ts';

const throttled = (retryAfterMs?: number, status = 429): ClusterError =>
  new ClusterError(status === 429 ? 'throttled' : 'unavailable', 'busy', {
    status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
const broken = new ClusterError('unavailable', 'reset');

function decide(failed: Partial<FailedTry>, random = 0): number | null {
  const whole = { verb: 'get', error: broken, isUnanswered: false, tries: 1, remainingMs: 60_000, ...failed } as const;
  return decideRetryDelayMs(whole, () => random);
}

describe('a failed try', () => {
  it.each(['get', 'list', 'create', 'update', 'patch', 'delete'] as const)(
    'of %s that the server turned away is repeated when the server says',
    (verb) => {
      expect(decide({ verb, error: throttled(2_000) })).toBe(2_000);
      expect(decide({ verb, error: throttled(1_000, 503) })).toBe(1_000);
    },
  );

  it('is not repeated where the server names no time', () => {
    expect(decide({ error: throttled() })).toBeNull();
    expect(decide({ error: throttled(undefined, 503) })).toBeNull();
  });

  it('is repeated a little later than the server says, not all at one moment', () => {
    expect(decide({ error: throttled(1_000) }, 0.5)).toBe(1_125);
    expect(decide({ error: throttled(1_000) }, 1)).toBe(1_250);
  });

  it('waits ten seconds at most', () => {
    expect(decide({ error: throttled(3_600_000) })).toBe(10_000);
  });

  it('is not repeated past the deadline, nor a fifth time', () => {
    expect(decide({ error: throttled(1_000), remainingMs: 900 })).toBeNull();
    expect(decide({ error: throttled(1_000), tries: 4 })).toBe(1_000);
    expect(decide({ error: throttled(1_000), tries: 5 })).toBeNull();
  });

  it.each(['get', 'list'] as const)('of %s that broke before any answer is repeated, later each time', (verb) => {
    expect([1, 2, 3, 4, 5].map((tries) => decide({ verb, isUnanswered: true, tries }))).toEqual([
      50,
      100,
      200,
      400,
      null,
    ]);
    expect(decide({ verb, isUnanswered: false })).toBeNull();
  });

  it.each(['create', 'update', 'patch', 'delete'] as const)('of %s that broke is not: it may be done', (verb) => {
    expect(decide({ verb, isUnanswered: true })).toBeNull();
  });

  it.each([500, 502, 504, 409, 404, 422])('with %i is not repeated, whatever it says', (status) => {
    expect(decide({ error: new ClusterError('unavailable', 'x', { status, retryAfterMs: 1_000 }) })).toBeNull();
  });
});
