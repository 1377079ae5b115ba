import { beforeAll, describe, expect, it } from 'vitest';
import type { PageClient } from '../support/page-world.ts';
import { startPageWorld } from '../support/page-world.ts';
import { NIGHT, openNightScene, type NightScene } from './night-scene.ts';
import { linkOf, rowsOf, toText } from './page-text.ts';
import { addInstance, addRun, seoul } from './read-models/ledger-rows.ts';

let scene: NightScene;
let viewer: PageClient;
let operator: PageClient;
/** Three runs of another mall, domain and time than the night's. */
let back: { readonly order: number; readonly stopped: number; readonly waiting: number };

const HOSTILE = `<script>alert(1)</script>"'`;

beforeAll(async () => {
  scene = await openNightScene();
  back = await addBackFill();
  [viewer, operator] = [await scene.world.signIn('vera'), await scene.world.signIn('otto')];
});

async function addBackFill() {
  const { db } = scene.pipeline;
  const { mallId } = scene.malls.unread;
  const instance = (domainType: string, days: readonly [string, string]) =>
    addInstance(db, { mallId, domainType, days });
  const asked = { requested_at: seoul('2025-11-20T10:00'), trigger: 'BACKFILL', mallsync_name: 'back-fill-2025' };
  const ended = { started_at: seoul('2025-11-20T10:01'), ended_at: seoul('2025-11-20T12:01') };
  return {
    order: await addRun(db, await instance('ORDER', ['2025-10-01', '2025-11-01']), {
      ...asked,
      ...ended,
      read: 90_000,
      mallsync_namespace: 'mallsync',
    }),
    stopped: await addRun(db, await instance('SALES', ['2025-09-01', '2025-09-02']), {
      ...asked,
      ...ended,
      status: 'STOPPED',
      failure_reason: 'Stopped',
      failure_message: `cancelled by ${HOSTILE}`,
    }),
    waiting: await addRun(db, await instance('SALES', ['2025-09-02', '2025-09-03']), { ...asked, status: 'WAITING' }),
  };
}

/** The numbers of the runs that a page lists, in order. */
async function listed(path: string): Promise<readonly number[]> {
  const page = await viewer.get(path);
  expect(page.status).toBe(200);
  if (page.text.includes('No run matches this filter.')) return [];
  return rowsOf(page.text, 'The runs').map((row) => Number.parseInt(row, 10));
}

describe('the page of runs', () => {
  it('shows last night in one glance', async () => {
    const text = toText((await viewer.get('/runs')).text);
    expect(text).toContain(`Last night: ${NIGHT}`);
    expect(text).toContain('Done 2 of 5 malls');
    expect(text).toContain('Failed 2 malls');
    expect(text).toContain('Waiting or running 1 0 running');
    expect(text).toContain('Late 1 still open at 07:00');
    expect(text).toContain('Members 2/5 done 1 with rejects 2 failed 1 waiting');
    expect(text).toContain('2025-11-30: 0 done, 0 failed');
  });

  it('says why the night failed and what to do, and leads to those runs', async () => {
    const { calm: _, ...runs } = scene.runs;
    const page = await operator.get('/runs');
    expect(toText(page.text)).toContain('Authorize the mall again on its page, then run it again.');
    expect(await listed(linkOf(page.text, '2 malls: AuthFailed'))).toEqual([runs.gone, runs.lost]);
    const again = await operator.get(linkOf(page.text, 'Run these again'));
    expect(again.status).toBe(200);
    expect(again.text).toContain('Gone Goods');
    expect(again.text).not.toContain('Spoilt Shoes');
  });

  it('lists what failed first, then what runs, then what has rejected rows', async () => {
    const { calm, lost, gone, spoilt } = scene.runs;
    expect(await listed('/runs')).toEqual([gone, lost, back.stopped, back.waiting, spoilt, calm, back.order]);
  });

  it.each<[string, () => readonly number[]]>([
    ['status=STOPPED,WAITING&sort=newest', () => [back.waiting, back.stopped]],
    ['status=COMPLETED&status=STOPPED&sort=newest', () => [scene.runs.calm, back.stopped, back.order]],
    ['domain=ORDER', () => [back.order]],
    ['mall=1,4', () => [scene.runs.spoilt, scene.runs.calm]],
    ['reason=Stopped', () => [back.stopped]],
    ['trigger=BACKFILL&sort=newest', () => [back.waiting, back.stopped, back.order]],
    ['mallSync=back-fill&domain=ORDER', () => [back.order]],
    ['start=2025-10-31&end=2025-11-02', () => [back.order]],
    ['end=2025-09-01', () => [back.stopped]],
    ['until=2025-11-20&domain=ORDER', () => [back.order]],
    ['since=2025-11-20T10:01&domain=ORDER', () => []],
    ['unmended=1&domain=SALES', () => [back.stopped]],
    [`night=${NIGHT}&status=FAILED`, () => [scene.runs.gone, scene.runs.lost]],
    ['q=spoilt', () => [scene.runs.spoilt]],
    ['q=cancelled', () => [back.stopped]],
    ['q=no-such-thing', () => []],
    ['sort=rows&domain=MEMBER&status=COMPLETED,COMPLETED_WITH_REJECTS', () => [scene.runs.spoilt, scene.runs.calm]],
    ['sort=mall&status=FAILED', () => [scene.runs.lost, scene.runs.gone]],
    ['sort=duration&trigger=BACKFILL&status=COMPLETED', () => [back.order]],
  ])('narrows and orders by %s', async (query, expected) => {
    expect(await listed(`/runs?${query}`)).toEqual(expected());
  });

  it('goes from page to page and back', async () => {
    const first = await viewer.get('/runs?sort=mall&limit=3');
    const second = await viewer.get(linkOf(first.text, 'Next'));
    const third = await viewer.get(linkOf(second.text, 'Next'));
    const ids = [first, second, third].map(({ text }) =>
      rowsOf(text, 'The runs').map((row) => Number.parseInt(row, 10)),
    );
    expect(ids.flat()).toEqual(await listed('/runs?sort=mall'));
    expect(ids.map((page) => page.length)).toEqual([3, 3, 1]);
    expect(await listed(linkOf(second.text, 'Previous'))).toEqual(ids[0]);
  });

  it('keeps the address short and stable: what a form leaves blank is not in it', async () => {
    const sent = await viewer.get('/runs?q=&status=FAILED&domain=&mall=3%2C+7&start=&sort=failedFirst');
    expect(sent).toMatchObject({ status: 303, location: '/runs?status=FAILED&mall=3,7' });
    const hostile = await viewer.get(`/runs?q=${encodeURIComponent(`${HOSTILE}\r\nSet-Cookie: a=b`)}&status=`);
    expect(hostile.status).toBe(303);
    expect(hostile.headers.getSetCookie().join(' ')).not.toContain('a=b');
  });

  it.each([
    ['status=BROKEN', 'status'],
    ['mall=seven', 'mall'],
    ['start=2025-02-30', 'start'],
    ['since=yesterday', 'since'],
    ['sort=best', 'sort'],
    ['limit=1000', 'limit'],
    ['cursor=made-up', 'cursor'],
    ['night=2025-13-01', 'night'],
    ['unmended=perhaps', 'unmended'],
    [`q=${'x'.repeat(201)}`, 'q'],
    ['q=a%00b', 'q'],
  ])('refuses %s and names the field, as the API does', async (query, field) => {
    const page = await viewer.get(`/runs?${query}`);
    expect(page.status).toBe(400);
    expect(toText(page.text)).toContain(field);
    const answer = await viewer.get(`/api/v1/runs?${query}`);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({ error: { field: expect.stringMatching(`^${field}`) as string } });
  });

  it('shows what malls and messages hold as text', async () => {
    const page = (await viewer.get(`/runs?q=${encodeURIComponent(HOSTILE)}`)).text;
    expect(page).not.toContain('<script>alert');
    const list = (await viewer.get('/runs')).text;
    expect(list).not.toContain('<script>alert');
    expect(toText(list)).toContain(`cancelled by ${HOSTILE}`);
    expect(list).toContain('Lost &lt;Lamps&gt;');
  });

  it('lets an operator choose runs, or all that match, and a viewer only look', async () => {
    const page = (await operator.get('/runs?status=FAILED')).text;
    expect(page).toMatch(new RegExp(`name="executions"\\s+value="${scene.runs.lost}"\\s+form="run-choice"`));
    expect(page).toMatch(/<form [^>]*id="run-choice" method="get" action="\/runs\/again"/);
    expect(linkOf(page, 'Run all 2 again')).toBe('/runs/again?status=FAILED');
    const chosen = await operator.get(`/runs/again?executions=${scene.runs.lost}&executions=${scene.runs.gone}`);
    expect(chosen.status).toBe(200);
    const looked = (await viewer.get('/runs?status=FAILED')).text;
    expect(looked).not.toContain('name="executions"');
    expect(looked).not.toContain('/runs/again');
  });

  it('says what to do where nothing is listed', async () => {
    expect(toText((await viewer.get('/runs?q=no-such-thing')).text)).toContain('No run matches this filter.');
    const empty = await startPageWorld();
    const page = toText((await empty.visit().get('/runs')).text);
    expect(page).toContain('No mall is active yet, so no night has anything to read. Add a mall');
    expect(page).toContain('Nothing has run yet.');
    expect(page).toContain('you can start one by hand at any time. New run');
  });

  it('speaks Korean', async () => {
    const page = await viewer.get('/runs', { 'accept-language': 'ko-KR,ko;q=0.9' });
    const text = toText(page.text);
    expect(page.text).toContain('<html lang="ko">');
    expect(text).toContain(`지난밤: ${NIGHT}`);
    expect(text).toContain('쇼핑몰 2곳: AuthFailed');
  });

  it('is the same list in the API', async () => {
    const answer = await viewer.get('/api/v1/runs?sort=mall&limit=3');
    const page = JSON.parse(answer.text) as {
      readonly rows: readonly { executionId: number }[];
      readonly next: string;
    };
    expect(page.rows.map(({ executionId }) => executionId)).toEqual(await listed('/runs?sort=mall&limit=3'));
    const next = await viewer.get(`/api/v1/runs?sort=mall&limit=3&cursor=${encodeURIComponent(page.next)}`);
    expect(JSON.parse(next.text)).toMatchObject({ rows: { length: 3 } });
  });
});
