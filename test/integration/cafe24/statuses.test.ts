import { beforeAll, describe, expect, it } from 'vitest';
import { TerminalError, TransientError } from '../../../src/domain/errors.ts';
import { parsePeriod } from '../../../src/domain/period.ts';
import { createPageSource } from '../../../src/adapters/cafe24/page-source.ts';
import { NotApprovedError } from '../../../src/adapters/cafe24/status-policy.ts';
import type { FaultInput } from '../../../src/simulator/fault-schema.ts';
import type { SimulatedMall } from '../../../src/simulator/mall.ts';
import type { PageSource } from '../../../src/engine/page-source.ts';
import { createTestSimulator, NEVER } from '../../support/cafe24-mall.ts';
import type { SimulatedApi, TestSimulator } from '../../support/cafe24-mall.ts';
import { toCallCounts } from '../../support/cafe24-memory.ts';
import { HOURLY_SALES, MEMBERS } from '../../support/cafe24-resources.ts';

const DAY = { ...parsePeriod('2025-12-01T00:00:00', '2025-12-02T00:00:00'), shopNo: 1, dateType: 'join' };

let test: TestSimulator;
beforeAll(async () => {
  test = await createTestSimulator();
});

function openMembers(mall: Partial<SimulatedMall> = {}): { api: SimulatedApi; source: PageSource } {
  const api = test.openApi(mall);
  return { api, source: createPageSource({ client: api.client, mall: { shopNos: [1] }, resource: MEMBERS }) };
}

async function fetchWith(fault: FaultInput): Promise<{ error: unknown; counts: Readonly<Record<string, number>> }> {
  const { api, source } = openMembers();
  test.simulator.control.addFault(api.id, { endpoint: 'customersprivacy', ...fault });
  const error: unknown = await source.fetchPage(DAY, 0, 100, NEVER).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { error, counts: toCallCounts(api.meter.drain()) };
}

describe('an answer that a repeat may mend', () => {
  it.each([
    { kind: 'error-500', code: '500', smaller: false },
    { kind: 'html-502', code: '502', smaller: false },
    { kind: 'text-503', code: '503', smaller: false },
    { kind: 'delayed-504', code: '504', smaller: true },
    { kind: 'reset', code: 'reset', smaller: false },
    { kind: 'cut-body', code: 'reset', smaller: false },
    { kind: 'truncated-json', code: '200', smaller: true },
    { kind: 'hang', code: 'timeout', smaller: true },
  ] as const)('is transient: $kind', async ({ kind, code, smaller }) => {
    const { error, counts } = await fetchWith({ kind, times: 1 });
    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ reason: 'UpstreamUnavailable', maySucceedSmaller: smaller });
    expect(counts).toMatchObject({ [`customersprivacy ${code}`]: 1 });
  });

  it('is followed by a sound page', async () => {
    const { api, source } = openMembers();
    test.simulator.control.addFault(api.id, { endpoint: 'customersprivacy', kind: 'reset', times: 1 });
    await expect(source.fetchPage(DAY, 0, 100, NEVER)).rejects.toBeInstanceOf(TransientError);
    expect((await source.fetchPage(DAY, 0, 100, NEVER)).rows).toHaveLength(100);
  });
});

describe('an answer that no repeat mends', () => {
  it.each([
    { kind: 'scope-403', reason: 'PermissionDenied', says: /scope/ },
    { kind: 'uninstalled', reason: 'AppUninstalled', says: /not installed/ },
    { kind: 'not-found-404', reason: 'UpstreamContract', says: /404/ },
    { kind: 'invalid-422', reason: 'UpstreamContract', says: /parameter limit .*beyond the limits/ },
    { kind: 'wrong-shape', reason: 'UpstreamContract', says: /no list named customersprivacy/ },
  ] as const)('is terminal: $kind', async ({ kind, reason, says }) => {
    const { error } = await fetchWith({ kind });
    expect(error).toBeInstanceOf(TerminalError);
    expect(error).toMatchObject({ reason, message: expect.stringMatching(says) });
  });

  it('marks the mall as uninstalled when the API says so', async () => {
    const { api, source } = openMembers();
    test.simulator.control.changeBehaviour(api.id, { installed: false });
    api.store.change({ accessToken: 'still-there', accessExpiresAtMs: Date.now() + 3_600_000 });
    await expect(source.fetchPage(DAY, 0, 100, NEVER)).rejects.toMatchObject({ reason: 'AppUninstalled' });
    expect(api.store.credential.state).toBe('UNINSTALLED');
  });

  it('tells an endpoint for approved apps from a missing scope', async () => {
    const window = { ...DAY, dateType: 'collection_date' };
    const unapproved = test.openApi({ behaviour: { statisticsApproved: false } });
    const sales = createPageSource({ client: unapproved.client, mall: { shopNos: [1] }, resource: HOURLY_SALES });
    await expect(sales.fetchPage(window, 0, 100, NEVER)).rejects.toBeInstanceOf(NotApprovedError);

    const unscoped = test.openApi({ scopes: ['mall.read_store'] });
    const refused = createPageSource({ client: unscoped.client, mall: { shopNos: [1] }, resource: HOURLY_SALES });
    const error: unknown = await refused.fetchPage(window, 0, 100, NEVER).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ reason: 'PermissionDenied' });
    expect(error).not.toBeInstanceOf(NotApprovedError);
  });

  it('holds no token and nothing of the body in its message or cause', async () => {
    for (const kind of ['truncated-json', 'html-502', 'wrong-shape', 'invalid-401', 'invalid-422'] as const) {
      const { error } = await fetchWith({ kind });
      const told = JSON.stringify(error, Object.getOwnPropertyNames(error)) + String(error);
      expect(told).not.toMatch(/<html|Bad Gateway|refresh-token|Bearer|documented keys|member_id/);
    }
  });
});

describe('401', () => {
  it.each(['expired-401', 'invalid-401'] as const)('%s is answered by one refresh and one repeat', async (kind) => {
    const { error, counts } = await fetchWith({ kind, times: 1 });
    expect(error).toBeUndefined();
    expect(counts).toEqual({ 'oauth/token 200': 2, 'customersprivacy 401': 1, 'customersprivacy 200': 1 });
  });

  it('met again after the refresh ends as AuthFailed', async () => {
    const { error, counts } = await fetchWith({ kind: 'invalid-401' });
    expect(error).toBeInstanceOf(TerminalError);
    expect(error).toMatchObject({ reason: 'AuthFailed' });
    expect(counts).toEqual({ 'oauth/token 200': 2, 'customersprivacy 401': 2 });
  });

  it('met by many calls at once makes one refresh', async () => {
    const { api, source } = openMembers({ behaviour: { addressLimit: false } });
    await source.fetchPage(DAY, 0, 10, NEVER);
    test.simulator.control.expireAccessTokens(api.id);
    const pages = await Promise.all(Array.from({ length: 5 }, (_, n) => source.fetchPage(DAY, n * 10, 10, NEVER)));
    expect(pages.map((page) => page.rows.length)).toEqual([10, 10, 10, 10, 10]);
    expect(test.simulator.control.readStats(api.id).tokenRequests).toBe(2);
  });
});

describe('429', () => {
  it('of the bucket waits for that endpoint and goes on', async () => {
    const { api, source } = openMembers();
    test.simulator.control.addFault(api.id, { endpoint: 'customersprivacy', kind: 'bucket-429', times: 2 });
    expect((await source.fetchPage(DAY, 0, 10, NEVER)).rows).toHaveLength(10);
    expect(api.budget.blocks).toEqual([
      { endpoint: 'customersprivacy', blockMs: 500 },
      { endpoint: 'customersprivacy', blockMs: 1_000 },
    ]);
    const costs = api.meter.drain();
    expect(toCallCounts(costs)).toMatchObject({ 'customersprivacy 429': 2, 'customersprivacy 200': 1 });
    expect(costs.waits.find((wait) => wait.cause === 'rate')?.waitMs).toBeGreaterThanOrEqual(1_450);
  });

  it('of the quota stops every call of the mall until the headers let it go on', async () => {
    const { api, source } = openMembers();
    await source.fetchPage(DAY, 0, 10, NEVER);
    test.simulator.control.addFault(api.id, {
      endpoint: 'customersprivacy',
      kind: 'usage-429',
      times: 1,
      remainSeconds: 2,
    });
    const startMs = Date.now();
    const first = source.fetchPage(DAY, 0, 10, NEVER);
    await expect.poll(() => api.budget.blocks).toEqual([{ endpoint: '*', blockMs: 3_000 }]);
    const count = source.countRows(DAY, NEVER);
    expect((await first).rows).toHaveLength(10);
    expect(await count).toBeGreaterThan(0);
    expect(Date.now() - startMs).toBeGreaterThanOrEqual(2_900);
    const costs = api.meter.drain();
    expect(toCallCounts(costs)).toMatchObject({ 'customersprivacy 429': 1, 'customersprivacy/count 200': 1 });
    expect(costs.waits.find((wait) => wait.cause === 'quota')?.waitMs).toBeGreaterThanOrEqual(5_000);
  });

  it.each([
    { kind: 'bucket-429', reason: 'RateLimited' },
    { kind: 'usage-429', reason: 'QuotaExceeded' },
  ] as const)('ends as $reason when it lasts beyond all patience: $kind', async ({ kind, reason }) => {
    const api = test.openApi({}, { patience: { rateMs: 700, quotaMs: 700 } });
    const source = createPageSource({ client: api.client, mall: { shopNos: [1] }, resource: MEMBERS });
    test.simulator.control.addFault(api.id, { endpoint: 'customersprivacy', kind, remainSeconds: 1 });
    const error: unknown = await source.fetchPage(DAY, 0, 10, NEVER).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ reason });
  });

  it('ends a wait at once when the run is stopped', async () => {
    const { api, source } = openMembers();
    await source.fetchPage(DAY, 0, 10, NEVER);
    test.simulator.control.addFault(api.id, { endpoint: 'customersprivacy', kind: 'usage-429', remainSeconds: 60 });
    const stop = new AbortController();
    const page = source.fetchPage(DAY, 0, 10, stop.signal);
    await expect.poll(() => api.budget.blocks.length).toBe(1);
    stop.abort(new Error('stop now'));
    await expect(page).rejects.toThrow('stop now');
  });
});
