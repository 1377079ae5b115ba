import { beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../../src/domain/clock.ts';
import { buildConsentUrl, exchangeCode } from '../../../src/adapters/cafe24/consent.ts';
import { parseMallUrl } from '../../../src/adapters/cafe24/mall-url.ts';
import { createTestSimulator, NEVER } from '../../support/cafe24-mall.ts';
import type { SimulatedApi, TestSimulator } from '../../support/cafe24-mall.ts';

const redirectUri = 'https://sync.example.com/callback?x=1';

let test: TestSimulator;
beforeAll(async () => {
  test = await createTestSimulator();
});

async function consent(api: SimulatedApi): Promise<string> {
  const url = buildConsentUrl({
    urlTemplate: test.simulator.cafe24Url,
    cafe24MallId: api.id,
    clientId: 'app',
    redirectUri,
    state: 'a state & more',
  });
  const answer = await fetch(url, { redirect: 'manual' });
  const target = new URL(answer.headers.get('location') ?? '');
  expect(target.origin + target.pathname).toBe('https://sync.example.com/callback');
  expect(target.searchParams.get('state')).toBe('a state & more');
  return target.searchParams.get('code') ?? '';
}

function exchange(api: SimulatedApi, code: string): Promise<readonly string[]> {
  const { transport, urlTemplate, meter } = api.dependencies;
  const mallUrl = parseMallUrl(urlTemplate, api.id);
  return exchangeCode({
    transport,
    clock: systemClock,
    meter,
    mallUrl,
    store: api.store,
    mallId: 1,
    code,
    redirectUri,
  });
}

it('a consent brings a lost mall back', async () => {
  const api = test.openApi();
  test.simulator.control.revokeConsent(api.id);
  api.store.change({ state: 'NEEDS_CONSENT' });
  const scopes = await exchange(api, await consent(api));
  expect([...scopes].sort()).toEqual([
    'mall.read_order',
    'mall.read_privacy',
    'mall.read_salesreport',
    'mall.read_store',
  ]);
  expect(api.store.credential).toMatchObject({ state: 'ACTIVE', generation: 1 });
  expect(await api.tokens.current(NEVER)).toMatchObject({ generation: 1 });
});

it('a code works once, and a refused one leaves the stored pair alone', async () => {
  const api = test.openApi();
  const code = await consent(api);
  await exchange(api, code);
  const stored = api.store.credential;
  await expect(exchange(api, code)).rejects.toMatchObject({ reason: 'AuthFailed' });
  await expect(exchange(api, 'made-up')).rejects.toMatchObject({ reason: 'AuthFailed' });
  expect(api.store.credential).toEqual(stored);
});

it('a consent wins over a refresh of the old pair that came between', async () => {
  const api = test.openApi();
  const code = await consent(api);
  let isFirst = true;
  api.store.beforeSave = () => {
    if (isFirst) api.store.change({ generation: 1, refreshToken: 'from the old pair' });
    isFirst = false;
  };
  await exchange(api, code);
  expect(api.store.credential).toMatchObject({ generation: 2, state: 'ACTIVE' });
  expect(api.store.credential.refreshToken).not.toBe('from the old pair');
});
