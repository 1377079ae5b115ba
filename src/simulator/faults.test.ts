import { describe, expect, it } from 'vitest';
import type { FaultInput } from './fault-schema.ts';
import { FIRST_TOKEN, openTestApp, type TestApp } from './test-app.ts';

const MEMBERS = 'customersprivacy?start_date=2025-12-01&end_date=2025-12-01&limit=100';

async function openFaulty(...faults: FaultInput[]): Promise<TestApp> {
  const app = await openTestApp({});
  for (const fault of faults) app.control.addFault('alpha', fault);
  return app;
}

describe('a fault of the Admin API', () => {
  it.each([
    ['bucket-429', 429, 'Too Many Requests'],
    ['expired-401', 401, 'access_token time expired'],
    ['invalid-401', 401, 'Invalid access_token'],
    ['scope-403', 403, 'scope'],
    ['uninstalled', 403, 'deleted from the mall'],
    ['not-approved-403', 403, 'Invalid API'],
    ['not-found-404', 404, 'No API found'],
    ['invalid-422', 422, '[Limit] should be between 1 and 1000. (parameter.limit)'],
    ['error-500', 500, 'Internal Server Error'],
    ['html-502', 502, '<html>'],
    ['text-503', 503, 'Service Temporarily Unavailable'],
    ['delayed-504', 504, 'Gateway Timeout'],
    ['wrong-shape', 200, 'none of the documented keys'],
  ] as const)('answers %s with %i', async (kind, status, text) => {
    await using app = await openFaulty({ endpoint: 'customersprivacy', kind, times: 1 });
    const answer = await app.get(MEMBERS);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(text);
    expect(answer.headers.get('x-api-call-limit')).toMatch(/^\d+\/40$/);
    expect((await app.get(MEMBERS)).status).toBe(200);
  });

  it.each(['reset', 'answer-lost', 'cut-body'] as const)('breaks the connection: %s', async (kind) => {
    await using app = await openFaulty({ endpoint: 'customersprivacy', kind, times: 1 });
    await expect(app.get(MEMBERS)).rejects.toThrow(/fetch failed|terminated/);
    expect(app.control.readStats('alpha').endpoints['customersprivacy']?.byStatus).toEqual({ lost: 1 });
    expect((await app.get(MEMBERS)).status).toBe(200);
  });

  it('cuts JSON in the middle of an otherwise whole answer', async () => {
    await using app = await openFaulty({ kind: 'truncated-json', times: 1 });
    const answer = await app.get(MEMBERS);
    expect([answer.status, answer.body]).toEqual([200, undefined]);
    expect(answer.text.length).toBeGreaterThan(1000);
  });

  it('hangs until the client leaves', async () => {
    await using app = await openFaulty({ endpoint: 'shops', kind: 'hang', times: 1 });
    const call = fetch(`${app.url}/alpha/api/v2/admin/shops`, { signal: AbortSignal.timeout(150) });
    await expect(call).rejects.toThrow(/timeout/i);
    expect((await app.get('shops')).status).toBe(200);
  });

  it('shifts a count', async () => {
    await using app = await openFaulty({ endpoint: 'customersprivacy/count', kind: 'count-off', delta: -2, times: 1 });
    const count = 'customersprivacy/count?start_date=2025-12-01&end_date=2025-12-01';
    expect((await app.get(count)).body).toEqual({ count: 298 });
    expect((await app.get(count)).body).toEqual({ count: 300 });
  });

  it('delays an answer', async () => {
    await using app = await openFaulty({ kind: 'slow', latencyMs: 120, times: 1 });
    const startedAt = performance.now();
    expect((await app.get('shops')).status).toBe(200);
    expect(performance.now() - startedAt).toBeGreaterThan(110);
  });
});

describe('when a fault strikes', () => {
  async function readStatuses(app: TestApp, paths: readonly string[]): Promise<number[]> {
    const statuses: number[] = [];
    for (const path of paths) statuses.push((await app.get(path)).status);
    return statuses;
  }

  it('waits for as many calls and strikes as many times as asked', async () => {
    await using app = await openFaulty({ endpoint: 'shops', kind: 'error-500', afterCalls: 2, times: 2 });
    expect(
      await readStatuses(
        app,
        Array.from({ length: 6 }, () => 'shops'),
      ),
    ).toEqual([200, 200, 500, 500, 200, 200]);
  });

  it('lasts as long as asked by the simulated clock, or until cleared', async () => {
    await using app = await openFaulty({ endpoint: 'shops', kind: 'text-503', forMs: 5000 });
    expect(await readStatuses(app, ['shops', 'shops'])).toEqual([503, 503]);
    app.wait(5000);
    expect(await readStatuses(app, ['shops'])).toEqual([200]);
    app.control.addFault('alpha', { kind: 'error-500' });
    expect(await readStatuses(app, ['shops', MEMBERS])).toEqual([500, 500]);
    app.control.clearFaults('alpha');
    expect(await readStatuses(app, ['shops', MEMBERS])).toEqual([200, 200]);
  });

  it('strikes only its endpoint and shop', async () => {
    await using app = await openTestApp({ shops: [{ shopNo: 1 }, { shopNo: 2 }] });
    app.control.addFault('alpha', { endpoint: 'customersprivacy', kind: 'error-500', shopNo: 2 });
    expect(await readStatuses(app, ['orders', MEMBERS, `${MEMBERS}&shop_no=2`])).toEqual([200, 200, 500]);
  });
});

describe('a fault of the token endpoint', () => {
  async function openLoggedOut(fault: FaultInput): Promise<TestApp> {
    const app = await openTestApp({ refreshToken: 'other-first-token' });
    app.control.addFault('alpha', fault);
    return app;
  }
  const FORM = { grant_type: 'refresh_token', refresh_token: 'other-first-token' };

  it('loses the answer after the token was rotated', async () => {
    await using app = await openLoggedOut({ endpoint: 'token', kind: 'answer-lost', times: 1 });
    await expect(app.askToken(FORM)).rejects.toThrow('fetch failed');
    expect((await app.askToken(FORM)).body?.['error']).toBe('invalid_grant');
    expect(app.control.readStats('alpha').tokensAlive).toBe(1);
  });

  it.each([
    ['uninstalled', 400, 'This is an uninstalled app.'],
    ['error-500', 500, 'Internal Server Error'],
    ['invalid-401', 401, 'invalid_client'],
  ] as const)('answers %s with %i without using the token up', async (kind, status, text) => {
    await using app = await openLoggedOut({ endpoint: 'token', kind, times: 1 });
    const answer = await app.askToken(FORM);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(text);
    expect((await app.askToken(FORM)).status).toBe(200);
  });

  it('leaves the token endpoint alone when all Admin endpoints are meant', async () => {
    await using app = await openLoggedOut({ endpoint: '*', kind: 'error-500' });
    expect((await app.askToken(FORM)).status).toBe(200);
    expect((await app.askToken({ ...FORM, refresh_token: FIRST_TOKEN })).status).toBe(400);
  });
});
