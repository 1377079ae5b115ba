import { beforeAll, describe, expect, it } from 'vitest';
import type { PageClient } from '../../support/page-world.ts';
import { addCoverage, addInstance, addRun, seoulMs } from '../read-models/ledger-rows.ts';
import { buildClockAt, createMallScene, listAudit, type MallScene } from './mall-scene.ts';

let scene: MallScene;
beforeAll(async () => {
  scene = await createMallScene(['rosemall', 'lilymall'], { clock: buildClockAt(seoulMs('2026-03-10T09:00')) });
  const { test } = scene.world;
  await test.query(`update mallsync.tb_mall_config set created_at = '2026-03-01T00:00:00+09:00'`);
  await addCoverage(test, 1, 'MEMBER', [['2026-03-01', '2026-03-08']]);
  const instance = await addInstance(test, { mallId: 1, days: ['2026-03-08', '2026-03-09'] });
  await addRun(test, instance, { status: 'FAILED', failure_reason: 'AuthFailed', ended_at: 'now' });
});

interface Json {
  readonly status: number;
  readonly body: unknown;
}

async function call(client: PageClient, method: string, path: string, sent?: unknown): Promise<Json> {
  const headers = { 'content-type': 'application/json', 'x-csrf-token': await client.readToken() };
  const body = sent === undefined ? {} : { body: JSON.stringify(sent) };
  const { status, text } = await client.send(`/api/v1${path}`, { method, headers, ...body });
  return { status, body: JSON.parse(text) as unknown };
}

describe('the malls as JSON', () => {
  it('are the rows and totals of the page', async () => {
    const { status, body } = await call(scene.viewer, 'GET', '/malls?q=rose');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      malls: [
        {
          mallId: 1,
          cafe24MallId: 'rosemall',
          credential: { state: 'NEEDS_CONSENT', daysLeft: null },
          freshness: [{ domainType: 'MEMBER', ageHours: 57, isLate: true }, { domainType: 'ORDER' }, {}],
          lastFailure: { reason: 'AuthFailed', isMended: false },
        },
      ],
      next: null,
      totals: { malls: 2, matching: 1, late: 2 },
      targetHours: 30,
    });
  });

  it('go on behind a cursor', async () => {
    const first = (await call(scene.viewer, 'GET', '/malls?limit=1')).body;
    expect(first).toMatchObject({ malls: [{ mallId: 1 }], next: expect.any(String) });
    const { next } = first as { readonly next: string };
    expect((await call(scene.viewer, 'GET', `/malls?limit=1&cursor=${next}`)).body).toMatchObject({
      malls: [{ mallId: 2 }],
      next: null,
    });
  });

  it('tell one mall without its secrets', async () => {
    const { body } = await call(scene.viewer, 'GET', '/malls/1');
    expect(body).toMatchObject({
      mallId: 1,
      shopNos: null,
      settings: {},
      credential: { clientId: 'client-rosemall' },
      failedRuns: 1,
      recentRuns: [{ status: 'FAILED', domainType: 'MEMBER', startDate: '2026-03-08T00:00:00' }],
    });
    expect(JSON.stringify(body)).not.toMatch(/secret|token/i);
  });

  it('name the field that is wrong, and the mall that is not there', async () => {
    expect(await call(scene.viewer, 'GET', '/malls?state=ODD')).toMatchObject({
      status: 400,
      body: { error: { code: 'bad_input', field: 'state' } },
    });
    expect((await call(scene.viewer, 'GET', '/malls/99')).status).toBe(404);
    expect(await call(scene.viewer, 'GET', '/malls/x')).toMatchObject({
      status: 400,
      body: { error: { field: 'mallId' } },
    });
  });

  it('tell the month of a domain', async () => {
    const { body } = await call(scene.viewer, 'GET', '/malls/1/coverage/MEMBER?month=2026-03');
    expect(body).toMatchObject({
      mallId: 1,
      domainType: 'MEMBER',
      month: '2026-03',
      missingRanges: [{ startDate: '2026-03-08T00:00:00', endDate: '2026-03-10T00:00:00', days: 2 }],
    });
    expect((body as { readonly days: readonly unknown[] }).days).toHaveLength(31);
    expect((await call(scene.viewer, 'GET', '/malls/1/coverage/REVIEW')).status).toBe(400);
    expect((await call(scene.viewer, 'GET', '/malls/99/coverage/MEMBER')).status).toBe(404);
    expect(await call(scene.viewer, 'GET', '/malls/1/coverage/MEMBER?month=x')).toMatchObject({
      status: 400,
      body: { error: { field: 'month' } },
    });
  });
});

describe('the acts on malls as JSON', () => {
  it('switch a mall', async () => {
    expect((await call(scene.operator, 'PATCH', '/malls/2', { active: false })).status).toBe(403);
    expect(await call(scene.admin, 'PATCH', '/malls/2', { active: false })).toMatchObject({
      status: 200,
      body: { mallId: 2, active: false },
    });
    expect((await listAudit(scene))[0]).toMatchObject({ action: 'malls deactivate', target: 'malls 2' });
    expect((await call(scene.admin, 'PATCH', '/malls/2', { active: 'no' })).status).toBe(400);
    expect((await call(scene.admin, 'PATCH', '/malls/99', { active: false })).status).toBe(404);
  });

  it('add a mall, and change it when it is there', async () => {
    const mall = { mallId: 8, cafe24MallId: 'oak', clientId: 'c', clientSecret: 's' };
    expect(await call(scene.admin, 'POST', '/malls', mall)).toEqual({
      status: 200,
      body: { malls: [{ mallId: 8, mall: 'added', credential: 'insert' }] },
    });
    expect(await call(scene.admin, 'POST', '/malls', { ...mall, name: 'Oak' })).toMatchObject({
      body: { malls: [{ mall: 'updated', credential: 'unchanged' }] },
    });
    expect((await call(scene.operator, 'POST', '/malls', mall)).status).toBe(403);
  });

  it('name the field of the entry that is wrong, and take nothing', async () => {
    const malls = [
      { mallId: 9, cafe24MallId: 'elm' },
      { mallId: 10, cafe24MallId: 'Bad!' },
    ];
    expect(await call(scene.admin, 'POST', '/malls/import', { malls })).toMatchObject({
      status: 400,
      body: { error: { field: 'malls.1.cafe24MallId' } },
    });
    expect((await call(scene.admin, 'GET', '/malls/9')).status).toBe(404);
  });

  it('preview an import and then do it', async () => {
    const malls = [{ mallId: 9, cafe24MallId: 'elm', name: 'Elm' }];
    expect(await call(scene.admin, 'POST', '/malls/import/preview', { malls })).toEqual({
      status: 200,
      body: {
        malls: [{ mallId: 9, cafe24MallId: 'elm', name: 'Elm', mall: 'added', changes: [], credential: 'absent' }],
      },
    });
    expect((await call(scene.admin, 'GET', '/malls/9')).status).toBe(404);
    expect((await call(scene.admin, 'POST', '/malls/import', { malls })).status).toBe(200);
    expect((await call(scene.admin, 'GET', '/malls/9')).status).toBe(200);
  });

  it('begin a consent that the same session can finish', async () => {
    const { status, body } = await call(scene.admin, 'POST', '/malls/1/authorize');
    expect(status).toBe(200);
    const { consentUrl } = body as { readonly consentUrl: string };
    const response = await fetch(consentUrl, { redirect: 'manual' });
    const back = new URL(response.headers.get('location') ?? '');
    const answer = await scene.admin.get(`${back.pathname}${back.search}`);
    expect(answer.location).toBe('/malls/1?notice=authorized');
    expect((await call(scene.operator, 'POST', '/malls/1/authorize')).status).toBe(403);
  });
});
