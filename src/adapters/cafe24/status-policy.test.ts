import { describe, expect, it } from 'vitest';
import { TerminalError, TransientError } from '../../domain/errors.ts';
import { decideOutcome, NotApprovedError } from './status-policy.ts';
import type { Outcome } from './status-policy.ts';

function decide(
  status: number,
  more: { headers?: Record<string, string>; body?: string; refusals?: number } = {},
): Outcome {
  const answer = {
    status,
    headers: new Map(Object.entries(more.headers ?? {})),
    body: Buffer.from(more.body ?? ''),
  };
  return decideOutcome(answer, 'orders', more.refusals ?? 0);
}

function errorOf(outcome: Outcome): unknown {
  return outcome.kind === 'failed' ? outcome.error : undefined;
}

describe('a bucket 429', () => {
  it('waits until the overflow has leaked, half a second at least', () => {
    expect(decide(429, { headers: { 'x-api-call-limit': '40/40' } })).toEqual({ kind: 'bucket-full', blockMs: 500 });
    expect(decide(429, { headers: { 'x-api-call-limit': '43/40' } })).toEqual({ kind: 'bucket-full', blockMs: 2_000 });
    expect(decide(429)).toEqual({ kind: 'bucket-full', blockMs: 500 });
  });

  it('waits longer each time it comes again, up to half a minute', () => {
    const waits = [0, 1, 2, 3, 50].map((refusals) => decide(429, { refusals }));
    expect(waits.map((wait) => ('blockMs' in wait ? wait.blockMs : 0))).toEqual([500, 1_000, 2_000, 4_000, 30_000]);
  });
});

describe('a usage 429', () => {
  it('waits a second longer than the header says, however often it comes', () => {
    const headers = { 'x-cafe24-call-usage': '103', 'x-cafe24-call-remain': '32' };
    expect(decide(429, { headers, refusals: 5 })).toEqual({ kind: 'quota-spent', blockMs: 33_000 });
  });

  it('waits a minute where the header is missing', () => {
    expect(decide(429, { headers: { 'x-cafe24-time-usage': '100.5' } })).toEqual({
      kind: 'quota-spent',
      blockMs: 60_000,
    });
  });
});

describe('an error status', () => {
  it.each([
    [400, 'UpstreamContract'],
    [404, 'UpstreamContract'],
    [409, 'UpstreamContract'],
    [302, 'UpstreamContract'],
    [204, 'UpstreamContract'],
    [414, 'UpstreamContract'],
  ])('%i is terminal', (status, reason) => {
    const error = errorOf(decide(status));
    expect(error).toBeInstanceOf(TerminalError);
    expect(error).toMatchObject({ reason });
  });

  it.each([[500], [502], [503], [504], [520]])('%i may pass', (status) => {
    const error = errorOf(decide(status, { headers: { 'retry-after': '7' } }));
    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({
      reason: 'UpstreamUnavailable',
      retryAfterMs: 7_000,
      maySucceedSmaller: status === 504,
    });
  });

  it('422 names the parameter and never the message around it', () => {
    const error = errorOf(decide(422, { body: '{"error":{"message":"kim@example.com (parameter.member_id)"}}' }));
    expect(error).toMatchObject({ reason: 'UpstreamContract', message: expect.stringContaining('member_id') });
    expect(String(error)).not.toContain('kim@example.com');
  });
});

describe('403', () => {
  it.each([
    ['AppUninstalled', '{"error":{"code":403,"message":"The app has been deleted from the mall."}}'],
    ['AppUninstalled', '{"error":{"code":"403","message":"This is an uninstalled app"}}'],
    ['PermissionDenied', '{"error":{"code":403,"message":"Insufficient scope. (mall.read_order)"}}'],
    ['PermissionDenied', '<html>Forbidden</html>'],
    ['PermissionDenied', ''],
  ])('is %s for %s', (reason, body) => {
    const error = errorOf(decide(403, { body }));
    expect(error).toBeInstanceOf(TerminalError);
    expect(error).not.toBeInstanceOf(NotApprovedError);
    expect(error).toMatchObject({ reason });
  });

  it('of a statistics endpoint means that the app is not approved', () => {
    const answer = {
      status: 403,
      headers: new Map<string, string>(),
      body: Buffer.from('{"error":{"message":"Invalid API"}}'),
    };
    expect(errorOf(decideOutcome(answer, 'reports/hourlysales', 0))).toBeInstanceOf(NotApprovedError);
    expect(errorOf(decideOutcome(answer, 'financials/dailysales', 0))).toBeInstanceOf(NotApprovedError);
  });
});
