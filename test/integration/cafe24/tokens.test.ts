import { createServer } from 'node:http';
import { once } from 'node:events';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/domain/clock.ts';
import { TerminalError, TransientError } from '../../../src/domain/errors.ts';
import { openMallApi } from '../../../src/adapters/cafe24/mall-api.ts';
import { requestTokens } from '../../../src/adapters/cafe24/token-call.ts';
import { DEFAULT_TOKENS } from '../../../src/adapters/cafe24/token-keeper.ts';
import { createTransport } from '../../../src/adapters/cafe24/transport.ts';
import { createTestSimulator, NEVER, SHORT_DEADLINES } from '../../support/cafe24-mall.ts';
import type { SimulatedApi, TestSimulator } from '../../support/cafe24-mall.ts';
import { toCallCounts } from '../../support/cafe24-memory.ts';

const QUICK = { ...DEFAULT_TOKENS, grantDoubtMs: 400 };
const DAY_MS = 86_400_000;

let test: TestSimulator;
beforeAll(async () => {
  test = await createTestSimulator();
});

async function caught(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
}

/** Another process with the same stores. */
function openRival(api: SimulatedApi): ReturnType<typeof openMallApi> {
  const rival = openMallApi(api.dependencies);
  onTestFinished(() => rival.close());
  return rival;
}

describe('a token', () => {
  it('is refreshed when there is none, and kept while it is good', async () => {
    const api = test.openApi();
    const first = await api.tokens.current(NEVER);
    const second = await api.tokens.current(NEVER);
    expect(second).toEqual(first);
    expect(api.store.credential).toMatchObject({ accessToken: first.value, generation: 1, state: 'ACTIVE' });
    expect(toCallCounts(api.meter.drain())).toEqual({ 'oauth/token 200': 1 });
  });

  it('is refreshed when less than five minutes are left', async () => {
    const api = test.openApi();
    await api.tokens.current(NEVER);
    api.store.change({ accessExpiresAtMs: Date.now() + 4 * 60_000 });
    expect(await openRival(api).tokens.current(NEVER)).toMatchObject({ generation: 2 });
    api.store.change({ accessExpiresAtMs: Date.now() + 6 * 60_000 });
    expect(await openRival(api).tokens.current(NEVER)).toMatchObject({ generation: 2 });
  });

  it('is taken from the store when another process has refreshed it meanwhile', async () => {
    const api = test.openApi();
    const old = await api.tokens.current(NEVER);
    const rival = openRival(api);
    await rival.tokens.current(NEVER);
    const renewed = await rival.tokens.renew(old.generation, NEVER);
    expect(await api.tokens.renew(old.generation, NEVER)).toEqual(renewed);
    expect(test.simulator.control.readStats(api.id).tokenRequests).toBe(2);
  });

  it('is refreshed once by many processes that want one at the same time', async () => {
    const api = test.openApi({ behaviour: { latencyMs: 100 } });
    const rivals = Array.from({ length: 8 }, () => openRival(api));
    const tokens = await Promise.all(rivals.map((rival) => rival.tokens.current(NEVER)));
    expect(new Set(tokens.map((token) => token.value)).size).toBe(1);
    expect(test.simulator.control.readStats(api.id).tokenRequests).toBe(1);
    expect(api.meter.drain().waits.find((wait) => wait.cause === 'token')?.waitMs).toBeGreaterThanOrEqual(800);
  });

  it('lasts as long as the answer says, counted on our own clock', async () => {
    const api = test.openApi();
    const beforeMs = Date.now();
    await api.tokens.current(NEVER);
    const { accessExpiresAtMs, refreshExpiresAtMs } = api.store.credential;
    expect((accessExpiresAtMs ?? 0) - beforeMs - 2 * 3_600_000).toBeLessThan(1_000);
    expect((accessExpiresAtMs ?? 0) - beforeMs).toBeGreaterThanOrEqual(2 * 3_600_000);
    expect((refreshExpiresAtMs ?? 0) - beforeMs).toBeGreaterThanOrEqual(14 * DAY_MS);
  });
});

describe('the pair of a refresh', () => {
  it('is stored before its first use, however long the database is away', async () => {
    const api = test.openApi();
    let refusals = 4;
    api.store.beforeSave = () => {
      if (refusals-- > 0) throw new TransientError('DatabaseUnavailable', 'away');
    };
    const stop = new AbortController();
    const wanted = caught(api.tokens.current(stop.signal));
    await expect.poll(() => test.simulator.control.readStats(api.id).tokenRequests).toBe(1);
    stop.abort(new Error('stopped'));
    expect(await wanted).toMatchObject({ message: 'stopped' });
    await api.close();
    expect(api.store.credential).toMatchObject({ generation: 1 });
    expect(refusals).toBe(-1);
  });

  it('is stored although the run is stopped while the call is under way', async () => {
    const api = test.openApi({ behaviour: { latencyMs: 300 } });
    const wanted = caught(api.tokens.current(NEVER));
    await expect.poll(() => test.simulator.control.readStats(api.id).tokenRequests).toBe(1);
    await api.close();
    expect(api.store.credential).toMatchObject({ generation: 1 });
    expect(await wanted).toBeUndefined();
  });
});

describe('a lost consent', () => {
  it('is marked after one repeat, and fails fast from then on', async () => {
    const api = test.openApi({}, { tokenSettings: QUICK });
    test.simulator.control.revokeConsent(api.id);
    const error = await caught(api.tokens.current(NEVER));
    expect(error).toBeInstanceOf(TerminalError);
    expect(error).toMatchObject({ reason: 'AuthFailed' });
    expect(api.store.credential.state).toBe('NEEDS_CONSENT');
    expect(test.simulator.control.readStats(api.id).tokenRequests).toBe(2);
    expect(await caught(openRival(api).tokens.current(NEVER))).toMatchObject({ reason: 'AuthFailed' });
    expect(test.simulator.control.readStats(api.id).tokenRequests).toBe(2);
  });

  it('is noticed when the answer of a refresh was lost after the rotation', async () => {
    const api = test.openApi({}, { tokenSettings: QUICK });
    test.simulator.control.addFault(api.id, { endpoint: 'token', kind: 'answer-lost', times: 1 });
    expect(await caught(api.tokens.current(NEVER))).toBeInstanceOf(TransientError);
    expect(api.store.credential).toMatchObject({ state: 'ACTIVE', generation: 0 });
    expect(await caught(api.tokens.current(NEVER))).toMatchObject({ reason: 'AuthFailed' });
    expect(api.store.credential.state).toBe('NEEDS_CONSENT');
  });

  it('is not concluded when the pair was only late in the store', async () => {
    const api = test.openApi({}, { tokenSettings: QUICK });
    const slow = createTransport(systemClock, SHORT_DEADLINES);
    onTestFinished(() => slow.close());
    const rotated = await requestTokens(
      {
        transport: slow,
        clock: systemClock,
        meter: api.meter,
        mallUrl: { origin: test.simulator.url, prefix: `/${api.id}` },
      },
      api.store.credential,
      { grant_type: 'refresh_token', refresh_token: api.store.credential.refreshToken ?? '' },
    );
    if (rotated.kind !== 'issued') throw new Error('the rival got no pair');
    const wanted = api.tokens.current(NEVER);
    await expect.poll(() => test.simulator.control.readStats(api.id).tokenRequests).toBe(2);
    await api.store.saveTokens(1, 0, rotated.pair);
    expect(await wanted).toEqual({ value: rotated.pair.accessToken, generation: 1 });
    expect(api.store.credential.state).toBe('ACTIVE');
  });

  it('is tried again when asked to, and comes back by itself', async () => {
    const api = test.openApi({}, { tokenSettings: QUICK });
    api.store.change({ state: 'NEEDS_CONSENT' });
    expect(await caught(api.tokens.current(NEVER))).toMatchObject({ reason: 'AuthFailed' });
    const nightly = openMallApi({ ...api.dependencies, retryLostConsent: true });
    onTestFinished(() => nightly.close());
    expect(await nightly.tokens.current(NEVER)).toMatchObject({ generation: 1 });
    expect(api.store.credential.state).toBe('ACTIVE');
  });

  it('is tried once a run only', async () => {
    const api = test.openApi({}, { tokenSettings: QUICK, retryLostConsent: true });
    api.store.change({ state: 'NEEDS_CONSENT' });
    test.simulator.control.revokeConsent(api.id);
    expect(await caught(api.tokens.current(NEVER))).toMatchObject({ reason: 'AuthFailed' });
    expect(await caught(api.tokens.current(NEVER))).toMatchObject({ reason: 'AuthFailed' });
    expect(test.simulator.control.readStats(api.id).tokenRequests).toBe(2);
  });
});

describe('the token endpoint', () => {
  it('that calls the app uninstalled marks the mall, which a later night sets right', async () => {
    const api = test.openApi();
    test.simulator.control.addFault(api.id, { endpoint: 'token', kind: 'uninstalled', times: 1 });
    const error = await caught(api.tokens.current(NEVER));
    expect(error).toBeInstanceOf(TerminalError);
    expect(error).toMatchObject({ reason: 'AppUninstalled' });
    expect(api.store.credential.state).toBe('UNINSTALLED');
    const nightly = openMallApi({ ...api.dependencies, retryLostConsent: true });
    onTestFinished(() => nightly.close());
    expect(await nightly.tokens.current(NEVER)).toMatchObject({ generation: 1 });
  });

  it.each(['error-500', 'html-502', 'reset', 'hang'] as const)(
    'that answers %s leaves the claim free',
    async (kind) => {
      const api = test.openApi();
      test.simulator.control.addFault(api.id, { endpoint: 'token', kind, times: 1 });
      expect(await caught(api.tokens.current(NEVER))).toMatchObject({ reason: 'UpstreamUnavailable' });
      expect(await openRival(api).tokens.current(NEVER)).toMatchObject({ generation: 1 });
    },
  );

  it('that is down does not hurt as long as the old token is good', async () => {
    const api = test.openApi();
    await api.tokens.current(NEVER);
    api.store.change({ accessExpiresAtMs: Date.now() + 3 * 60_000 });
    test.simulator.control.addFault(api.id, { endpoint: 'token', kind: 'error-500' });
    const rival = openRival(api);
    expect(await rival.tokens.current(NEVER)).toMatchObject({ generation: 1 });
    expect(await rival.tokens.current(NEVER)).toMatchObject({ generation: 1 });
    expect(test.simulator.control.readStats(api.id).tokenRequests).toBe(2);
  });

  it('that wants no more calls is waited for', async () => {
    const api = test.openApi();
    let requests = 0;
    const server = createServer((_, response) => {
      requests += 1;
      if (requests === 1) response.writeHead(429, { 'retry-after': '1' }).end('too many');
      else
        response.end(
          JSON.stringify({
            access_token: 'a',
            refresh_token: 'r',
            expires_at: '2025-12-01T11:00:00.000',
            issued_at: '2025-12-01T09:00:00.000',
          }),
        );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const waiting = openMallApi({ ...api.dependencies, urlTemplate: `http://127.0.0.1:${port}/{mall_id}` });
    onTestFinished(() => waiting.close());
    expect(await waiting.tokens.current(NEVER)).toEqual({ value: 'a', generation: 1 });
    expect(api.budget.blocks).toEqual([{ endpoint: 'oauth/token', blockMs: 1_000 }]);
    expect(requests).toBe(2);
  });

  it('that refuses the client fails without losing the consent', async () => {
    const api = test.openApi();
    api.store.change({ clientSecret: 'wrong' });
    expect(await caught(api.tokens.current(NEVER))).toMatchObject({ reason: 'AuthFailed' });
    expect(api.store.credential.state).toBe('ACTIVE');
  });
});

describe('a refresh token', () => {
  it('that ends within days is told about', async () => {
    const seen: number[] = [];
    const api = test.openApi({}, { tokenObserver: { onRefreshTokenAge: (_, daysLeft) => seen.push(daysLeft) } });
    await api.tokens.current(NEVER);
    expect(seen).toEqual([]);
    api.store.change({ refreshExpiresAtMs: Date.now() + 3 * DAY_MS });
    await openRival(api).tokens.current(NEVER);
    expect(seen).toEqual([expect.closeTo(3, 2)]);
  });

  it('of an idle mall is renewed after a week, not before', async () => {
    const api = test.openApi();
    await api.tokens.current(NEVER);
    expect(await openRival(api).tokens.refreshIdle(NEVER)).toBe(false);
    api.store.change({ refreshExpiresAtMs: Date.now() + 6.9 * DAY_MS });
    expect(await openRival(api).tokens.refreshIdle(NEVER)).toBe(true);
    expect(api.store.credential.generation).toBe(2);
    expect((api.store.credential.refreshExpiresAtMs ?? 0) - Date.now()).toBeGreaterThan(13 * DAY_MS);
  });
});
