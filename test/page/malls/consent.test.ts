import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCipher } from '../../../src/adapters/postgres/cipher.ts';
import { parseKeyRing } from '../../../src/adapters/postgres/key-ring.ts';
import { createTokenStore } from '../../../src/adapters/postgres/token-store.ts';
import type { Credential } from '../../../src/domain/credential.ts';
import { ENCRYPTION_KEYS, type PageAnswer, type PageClient } from '../../support/page-world.ts';
import { addInstance, addRun } from '../read-models/ledger-rows.ts';
import { linkOf, toText } from '../page-text.ts';
import { createMallScene, listAudit, type MallScene } from './mall-scene.ts';

let scene: MallScene;
beforeAll(async () => {
  scene = await createMallScene(['rosemall', 'lilymall']);
});

beforeEach(async () => {
  await scene.world.test.query(
    `update mallsync.tb_mall_credential
     set state = 'NEEDS_CONSENT', access_token = null, refresh_token = null, generation = 0`,
  );
  await scene.world.test.query('truncate mallsync.tb_admin_consent, mallsync.tb_audit_log');
});

async function loadCredential(mallId = 1): Promise<Credential> {
  const { pool } = scene.world.database;
  return await createTokenStore({ pool, cipher: createCipher(parseKeyRing(ENCRYPTION_KEYS)) }).load(mallId);
}

/** Where the page leads on to, by itself and by its link. */
async function begin(client: PageClient, mallId = 1): Promise<URL> {
  const { status, text } = await client.post(`/malls/${mallId}/authorize`);
  expect(status).toBe(200);
  const target = linkOf(text, 'Go to Cafe24');
  expect(/http-equiv="refresh" content="0;url=([^"]+)"/.exec(text)?.[1]?.replaceAll('&amp;', '&')).toBe(target);
  return new URL(target);
}

/** Goes to Cafe24's page and agrees there. @returns where it leads back to, as a path of the page */
async function agree(client: PageClient, mallId = 1): Promise<string> {
  const response = await fetch(await begin(client, mallId), { redirect: 'manual' });
  const back = new URL(response.headers.get('location') ?? '');
  expect(back.origin).toBe(scene.world.url);
  return `${back.pathname}${back.search}`;
}

/** What came of an answer that is not taken. */
async function describeRefusal(answer: PageAnswer): Promise<object> {
  const [{ action, outcome } = { action: '', outcome: '' }] = await listAudit(scene);
  const { state, generation, refreshToken } = await loadCredential();
  return { status: answer.status, text: toText(answer.text), action, outcome, state, generation, refreshToken };
}

function buildRefusal(sentence: string, outcome: string): object {
  return {
    status: 400,
    text: expect.stringContaining(sentence),
    action: 'malls authorize',
    outcome,
    state: 'NEEDS_CONSENT',
    generation: 0,
    refreshToken: null,
  };
}

describe('the way to Cafe24', () => {
  it('names the mall, the app, the way back and a state that nobody can guess', async () => {
    const [url, second] = [await begin(scene.admin), await begin(scene.admin)];
    expect(url.pathname).toMatch(/rosemall\/api\/v2\/oauth\/authorize$/);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: 'client-rosemall',
      redirect_uri: `${scene.world.url}/consent/callback`,
    });
    expect(url.searchParams.get('state')).toMatch(/^[\w-]{43}$/);
    expect(second.searchParams.get('state')).not.toBe(url.searchParams.get('state'));
    expect((await listAudit(scene))[0]).toMatchObject({
      actor: 'adam',
      action: 'malls consent',
      target: 'mall 1',
      outcome: 'done',
    });
  });

  it('is open to admins alone, and to no mall that is not there', async () => {
    expect((await scene.operator.post('/malls/1/authorize')).status).toBe(403);
    expect((await scene.admin.post('/malls/99/authorize')).status).toBe(404);
    expect((await scene.admin.post('/malls/1/authorize', { csrf: 'x' })).status).toBe(403);
  });

  it('leaves no state in the database that could be used', async () => {
    const state = (await begin(scene.admin)).searchParams.get('state') ?? '';
    const rows = await scene.world.test.query('select c::text as row from mallsync.tb_admin_consent as c');
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(Buffer.from(state).toString('hex'));
    expect(JSON.stringify(rows)).not.toContain(state);
  });
});

describe('the way back', () => {
  it('stores the pair encrypted and says so', async () => {
    const back = await agree(scene.admin);
    const answer = await scene.admin.get(back);
    expect(answer).toMatchObject({ status: 303, location: '/malls/1?notice=authorized' });
    const credential = await loadCredential();
    expect(credential).toMatchObject({ state: 'ACTIVE', generation: 1 });
    const [stored] = await scene.world.test.query<{ refresh_token: Buffer }>(
      'select refresh_token from mallsync.tb_mall_credential where mall_id = 1',
    );
    expect(stored?.refresh_token.includes(credential.refreshToken ?? '?')).toBe(false);
    expect(toText((await scene.admin.get(answer.location ?? '')).text)).toContain('The mall is authorized.');
    expect((await listAudit(scene))[0]).toMatchObject({ actor: 'adam', action: 'malls authorize', outcome: 'done' });
  });

  it('offers to run again what failed for want of it', async () => {
    const instance = await addInstance(scene.world.test, { mallId: 1, days: ['2026-03-01', '2026-03-02'] });
    await addRun(scene.world.test, instance, { status: 'FAILED', failure_reason: 'AuthFailed', ended_at: 'now' });
    const { location } = await scene.admin.get(await agree(scene.admin));
    const page = (await scene.admin.get(location ?? '')).text;
    expect(page).toMatch(/authorized\.\s*<a href="\/runs\/again\?mall=1&amp;unmended=1">Run again what failed \(1\)/);
  });

  it('keeps the code and the state out of the log and the pages', async () => {
    const back = await agree(scene.admin);
    const { location } = await scene.admin.get(back);
    const page = (await scene.admin.get(location ?? '')).text;
    const query = new URL(back, scene.world.url).searchParams;
    const { refreshToken } = await loadCredential();
    const secrets = [query.get('code'), query.get('state'), refreshToken, 'secret-rosemall'];
    for (const secret of secrets) {
      expect(secret).toBeTruthy();
      expect(`${page}${JSON.stringify(scene.world.logged)}`).not.toContain(secret);
    }
  });

  it('works once', async () => {
    const back = await agree(scene.admin);
    await scene.admin.get(back);
    const before = await loadCredential();
    const again = await scene.admin.get(back);
    expect(again.status).toBe(400);
    expect(toText(again.text)).toContain('This consent was taken already');
    expect(await loadCredential()).toEqual(before);
    expect((await listAudit(scene))[0]).toMatchObject({ target: 'mall 1', outcome: 'refused: state' });
  });

  it('works once also when it comes twice at the same time', async () => {
    const back = await agree(scene.admin);
    const answers = await Promise.all([1, 2, 3, 4].map(() => scene.admin.get(back)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 400, 400, 400]);
    expect(await loadCredential()).toMatchObject({ generation: 1 });
  });

  it('is refused without a state or with one that nobody was given', async () => {
    const back = new URL(await agree(scene.admin), scene.world.url);
    back.searchParams.set('state', 'guessed');
    const guessed = await scene.admin.get(`${back.pathname}${back.search}`);
    expect(await describeRefusal(guessed)).toEqual(buildRefusal('Nobody began this consent here', 'refused: state'));
    back.searchParams.delete('state');
    const missing = await scene.admin.get(`${back.pathname}${back.search}`);
    expect(await describeRefusal(missing)).toEqual(buildRefusal('This address carries no state', 'refused: state'));
  });

  it('is refused after ten minutes', async () => {
    const back = await agree(scene.admin);
    const [row] = await scene.world.test.query<{ minutes: number }>(
      'select extract(epoch from expires_at - requested_at) / 60 as minutes from mallsync.tb_admin_consent',
    );
    expect(Number(row?.minutes)).toBe(10);
    await scene.world.test.query('update mallsync.tb_admin_consent set expires_at = now()');
    expect(await describeRefusal(await scene.admin.get(back))).toEqual(
      buildRefusal('longer than ten minutes', 'refused: state'),
    );
  });

  it('is refused to another admin, and to the same one in another session', async () => {
    const back = await agree(scene.admin);
    for (const client of [await scene.world.signIn('abel'), await scene.world.signIn('adam')]) {
      expect(await describeRefusal(await client.get(back))).toEqual(
        buildRefusal('Somebody else began this consent', 'refused: state'),
      );
    }
    expect((await scene.admin.get(back)).status).toBe(303);
  });

  it('is refused to an operator, whoever began it', async () => {
    const back = await agree(scene.admin);
    expect((await scene.operator.get(back)).status).toBe(403);
    const stranger = await scene.world.visit().get(back);
    expect(stranger).toMatchObject({ status: 303 });
    expect(stranger.location).toMatch(/^\/sign-in\?/);
    expect(await loadCredential()).toMatchObject({ generation: 0 });
  });

  it('stores nothing when the code is another mall’s', async () => {
    const own = new URL(await agree(scene.admin, 1), scene.world.url);
    const other = new URL(await agree(scene.admin, 2), scene.world.url);
    own.searchParams.set('code', other.searchParams.get('code') ?? '');
    const answer = await scene.admin.get(`${own.pathname}${own.search}`);
    expect(answer).toMatchObject({ status: 303, location: '/malls/1?failed=AuthFailed' });
    expect(toText((await scene.admin.get(answer.location ?? '')).text)).toContain('gave no tokens (AuthFailed)');
    expect(await loadCredential(1)).toMatchObject({ generation: 0 });
    expect(await loadCredential(2)).toMatchObject({ generation: 0 });
    expect((await listAudit(scene))[0]).toMatchObject({ target: 'mall 1', outcome: 'AuthFailed' });
  });

  it('is refused without a code', async () => {
    const back = new URL(await agree(scene.admin), scene.world.url);
    back.searchParams.delete('code');
    const answer = await scene.admin.get(`${back.pathname}${back.search}`);
    expect(await describeRefusal(answer)).toEqual(buildRefusal('Cafe24 sent no code', 'refused: code'));
  });

  it.each([
    ['access_denied', '/malls/1?notice=denied', 'The consent was not given at Cafe24'],
    ['invalid_scope', '/malls/1?refused=invalid_scope', 'Cafe24 refused the consent (invalid_scope)'],
    ['"><script>', '/malls/1?refused=error', 'Cafe24 refused the consent (error)'],
  ])('tells that Cafe24 answered %s', async (error, location, sentence) => {
    const { searchParams } = new URL(await agree(scene.admin), scene.world.url);
    const query = new URLSearchParams({ error, state: searchParams.get('state') ?? '' });
    const answer = await scene.admin.get(`/consent/callback?${query.toString()}`);
    expect(answer).toMatchObject({ status: 303, location });
    expect(toText((await scene.admin.get(location)).text)).toContain(sentence);
    expect(await loadCredential()).toMatchObject({ generation: 0 });
  });

  it('tells no lie that an address brings along', async () => {
    const page = (await scene.admin.get('/malls/1?refused=%22%3E%3Cscript%3E&failed=Nonsense&notice=nonsense')).text;
    expect(page).not.toContain('class="notice');
  });
});
