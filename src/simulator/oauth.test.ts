import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fetchAnswer, FIRST_TOKEN, openTestApp, type TestAnswer, type TestApp } from './test-app.ts';

const REDIRECT = 'https://app.example.com/callback';

function refresh(app: TestApp, token: unknown): Promise<TestAnswer> {
  return app.askToken({ grant_type: 'refresh_token', refresh_token: String(token) });
}

async function callWith(app: TestApp, accessToken: unknown): Promise<TestAnswer> {
  return app.get('shops', { authorization: `Bearer ${String(accessToken)}` });
}

async function authorize(app: TestApp, more: Readonly<Record<string, string>> = {}): Promise<URL> {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: 'app',
    state: 'xyz',
    redirect_uri: REDIRECT,
    scope: 'mall.read_store,mall.read_privacy',
    ...more,
  });
  const answer = await fetchAnswer(`${app.url}/alpha/api/v2/oauth/authorize?${query.toString()}`);
  expect(answer.status).toBe(302);
  return new URL(answer.headers.get('location') ?? '');
}

describe('the token endpoint', () => {
  it('answers with exactly the documented fields, times in Korean time without an offset', async () => {
    await using app = await openTestApp({ consent: 'lost' });
    const code = (await authorize(app)).searchParams.get('code') ?? '';
    const { body } = await app.askToken({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT });
    expect(body).toEqual({
      access_token: expect.stringMatching(/^\w{22}$/),
      expires_at: '2026-02-01T14:00:00.000',
      refresh_token: expect.stringMatching(/^\w{22}$/),
      refresh_token_expires_at: '2026-02-15T12:00:00.000',
      client_id: 'app',
      mall_id: 'alpha',
      user_id: 'alpha',
      scopes: ['mall.read_store', 'mall.read_privacy'],
      issued_at: '2026-02-01T12:00:00.000',
      shop_no: '1',
      token_type: 'Bearer',
    });
  });

  it('takes a refresh token once', async () => {
    await using app = await openTestApp({});
    const again = await refresh(app, FIRST_TOKEN);
    expect([again.status, again.body?.['error']]).toEqual([400, 'invalid_grant']);
  });

  it('refuses a refresh token after 14 days and an access token after 2 hours', async () => {
    await using app = await openTestApp({ consent: 'lost' });
    const code = (await authorize(app)).searchParams.get('code') ?? '';
    const { body } = await app.askToken({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT });
    expect((await callWith(app, body?.['access_token'])).status).toBe(200);
    app.wait(2 * 3_600_000);
    const expired = await callWith(app, body?.['access_token']);
    expect(expired.status).toBe(401);
    expect(expired.text).toContain('access_token time expired');
    app.wait(14 * 86_400_000 - 2 * 3_600_000);
    expect((await refresh(app, body?.['refresh_token'])).status).toBe(400);
  });

  it('keeps an older access token alive beside the new one, unless the mall is set otherwise', async () => {
    await using app = await openTestApp({ consent: 'lost', behaviour: { tokenLimit: false } });
    const code = (await authorize(app)).searchParams.get('code') ?? '';
    const one = await app.askToken({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT });
    const two = await refresh(app, one.body?.['refresh_token']);
    expect((await callWith(app, one.body?.['access_token'])).status).toBe(200);
    app.control.changeBehaviour('alpha', { oldTokenDiesOnRefresh: true });
    await refresh(app, two.body?.['refresh_token']);
    expect((await callWith(app, two.body?.['access_token'])).status).toBe(401);
  });

  it('lets at most 15 access tokens live, the oldest going first', async () => {
    await using app = await openTestApp({ consent: 'lost', behaviour: { tokenLimit: false } });
    const code = (await authorize(app)).searchParams.get('code') ?? '';
    let last = await app.askToken({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT });
    const tokens = [last.body?.['access_token']];
    for (let n = 0; n < 16; n++) {
      last = await refresh(app, last.body?.['refresh_token']);
      tokens.push(last.body?.['access_token']);
    }
    const statuses = await Promise.all(tokens.slice(0, 3).map(async (token) => (await callWith(app, token)).status));
    expect(statuses).toEqual([401, 401, 200]);
    expect(app.control.readStats('alpha').tokensAlive).toBe(15);
  });

  it('blocks after 15 requests in 2 hours, and not when the rule is off', async () => {
    await using app = await openTestApp({});
    for (let n = 2; n <= 15; n++) expect((await refresh(app, 'wrong')).status).toBe(400);
    expect((await refresh(app, 'wrong')).status).toBe(429);
    app.control.changeBehaviour('alpha', { tokenLimit: false });
    expect((await refresh(app, 'wrong')).status).toBe(400);
    app.control.changeBehaviour('alpha', { tokenLimit: true });
    app.wait(2 * 3_600_000);
    expect((await refresh(app, 'wrong')).status).toBe(400);
  });

  it.each([
    [{ grant_type: 'refresh_token' }, 'app:secret', 400, 'invalid_request'],
    [{ grant_type: 'refresh_token', refresh_token: 'x' }, 'app:wrong', 401, 'invalid_client'],
    [{ grant_type: 'password' }, 'app:secret', 400, 'unsupported_grant_type'],
    [{ grant_type: 'authorization_code', code: 'x' }, 'app:secret', 400, 'invalid_request'],
    [{ grant_type: 'authorization_code', code: 'x', redirect_uri: REDIRECT }, 'app:secret', 400, 'invalid_grant'],
  ])('refuses %j of %s with %i %s', async (form, credentials, status, error) => {
    await using app = await openTestApp({});
    const answer = await app.askToken(form, credentials);
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({ error, error_description: expect.any(String) });
  });

  it('takes on the tokens that a simulator of the same seed has issued before', async () => {
    let token: unknown = FIRST_TOKEN;
    {
      await using before = await openTestApp({ consent: 'lost' });
      const first = await authorize(before);
      const code = first.searchParams.get('code') ?? '';
      const answer = await before.askToken({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT });
      token = answer.body?.['refresh_token'];
    }
    await using after = await openTestApp({ consent: 'lost' });
    expect((await refresh(after, FIRST_TOKEN)).status).toBe(400);
    expect((await refresh(after, token)).status).toBe(200);
    expect((await refresh(after, token)).status).toBe(400);
  });
});

describe('consent', () => {
  it('redirects back with a code and the state; the code works once, for a minute', async () => {
    await using app = await openTestApp({});
    const back = await authorize(app);
    expect([back.origin + back.pathname, back.searchParams.get('state')]).toEqual([REDIRECT, 'xyz']);
    const form = {
      grant_type: 'authorization_code',
      redirect_uri: REDIRECT,
      code: back.searchParams.get('code') ?? '',
    };
    expect((await app.askToken({ ...form, redirect_uri: 'https://other.example.com' })).status).toBe(400);
    expect((await app.askToken(form)).status).toBe(400);
    const late = { ...form, code: (await authorize(app)).searchParams.get('code') ?? '' };
    app.wait(60_000);
    expect((await app.askToken(late)).status).toBe(400);
    const good = { ...form, code: (await authorize(app)).searchParams.get('code') ?? '' };
    expect((await app.askToken(good)).status).toBe(200);
    expect((await app.askToken(good)).status).toBe(400);
  });

  it('holds a code to its PKCE challenge', async () => {
    await using app = await openTestApp({});
    const challenge = createHash('sha256').update('verifier').digest('base64url');
    const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
    const form = { grant_type: 'authorization_code', redirect_uri: REDIRECT };
    const one = (await authorize(app, pkce)).searchParams.get('code') ?? '';
    expect((await app.askToken({ ...form, code: one, code_verifier: 'guess' })).status).toBe(400);
    const two = (await authorize(app, pkce)).searchParams.get('code') ?? '';
    expect((await app.askToken({ ...form, code: two, code_verifier: 'verifier' })).status).toBe(200);
  });

  it.each([
    [{ client_id: 'other' }, 'invalid_request'],
    [{ response_type: 'token' }, 'unsupported_response_type'],
    [{ scope: 'mall.write_everything' }, 'invalid_scope'],
  ])('redirects back with an error for %j', async (change, error) => {
    await using app = await openTestApp({});
    const back = await authorize(app, change);
    expect(back.searchParams.get('error')).toBe(error);
    expect(back.searchParams.has('code')).toBe(false);
  });

  it('is needed again once it is revoked or lost', async () => {
    await using app = await openTestApp({});
    app.control.revokeConsent('alpha');
    expect((await app.get('shops')).status).toBe(401);
    await using lost = await openTestApp({ consent: 'lost' });
    expect((await refresh(lost, FIRST_TOKEN)).body?.['error']).toBe('invalid_grant');
  });

  it('ends when the pair is revoked over HTTP', async () => {
    await using app = await openTestApp({});
    const code = (await authorize(app)).searchParams.get('code') ?? '';
    const { body } = await app.askToken({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT });
    const form = new URLSearchParams({ token: String(body?.['access_token']), token_hint: 'access_token' });
    const answer = await fetchAnswer(`${app.url}/alpha/api/v2/oauth/revoke`, { method: 'POST', body: form });
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect((await callWith(app, body?.['access_token'])).status).toBe(401);
    expect((await refresh(app, body?.['refresh_token'])).status).toBe(400);
  });
});
