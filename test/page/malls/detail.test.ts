import { beforeAll, describe, expect, it } from 'vitest';
import { linkOf, rowsOf, toText } from '../page-text.ts';
import {
  addCoverage,
  addCredential,
  addInstance,
  addMall,
  addReject,
  addRun,
  seoulMs,
} from '../read-models/ledger-rows.ts';
import { buildClockAt, createMallScene, type MallScene } from './mall-scene.ts';

const NOW_MS = seoulMs('2026-03-10T09:00');

let scene: MallScene;
let failed: number;
beforeAll(async () => {
  scene = await createMallScene([], { clock: buildClockAt(NOW_MS) });
  const { test } = scene.world;
  const labels = { tier: 'gold' };
  await addMall(test, 7, { name: 'Rose', domain_types: ['MEMBER', 'ORDER'], shop_nos: [1, 3], labels });
  await addCredential(test, 7, { state: 'ACTIVE', client_id: 'the-client' });
  await addCoverage(
    test,
    7,
    'MEMBER',
    [
      ['2026-01-15', '2026-02-20'],
      ['2026-02-22', '2026-03-05'],
      ['2026-03-06', '2026-03-09T12:00'],
    ],
    [['2026-03-02', '2026-03-04']],
  );
  await addReject(test, { mallId: 7, days: ['2026-03-02', '2026-03-03'] });
  await addReject(test, { mallId: 7, days: ['2026-03-02', '2026-03-03'] });
  const instance = await addInstance(test, { mallId: 7, days: ['2026-03-05', '2026-03-06'] });
  failed = await addRun(test, instance, { status: 'FAILED', failure_reason: 'QuotaExceeded', ended_at: 'now' });
  await addMall(test, 8, { name: 'Bare', domain_types: ['SALES'], created_at: new Date(seoulMs('2026-03-01')) });
});

describe('the page of a mall', () => {
  it('shows its domains, the last 31 days of each, its runs and its settings', async () => {
    const { text } = await scene.viewer.get('/malls/7');
    const [members, orders] = rowsOf(text, 'Freshness');
    expect(members).toMatch(/^Members 2026-03-09 ✓ in time 2 ✓ 2026-02-07: complete/);
    expect(orders).toMatch(/^Orders never read ✕ late 0 ✕ 2026-02-07: missing/);
    expect(members?.match(/\d{4}-\d\d-\d\d: /g)).toHaveLength(31);
    expect(members).toContain('2026-02-20: missing');
    expect(members).toContain('2026-03-02: with rejects');
    expect(members).toContain('2026-03-09: partly read Calendar');
    expect(rowsOf(text, 'Last runs')).toEqual([
      expect.stringMatching(new RegExp(`^${failed} ✕ failed QuotaExceeded Members 2026-03-05 0 `)),
    ]);
    expect(toText(text)).toContain(
      'Our number 7 Cafe24 id shop-7 What is read Members, Orders Shops 1, 3 Labels tier=gold',
    );
    expect(toText(text)).toContain('the-client');
  });

  it('leads to the runs again, to a new run and to the calendar', async () => {
    const { text } = await scene.operator.get('/malls/7');
    expect(linkOf(text, 'Run again what failed (1)')).toBe('/runs/again?mall=7&unmended=1');
    expect(linkOf(text, 'New run of this mall')).toBe('/new?mallId=7');
    expect(linkOf(text, 'Calendar Members')).toBe('/malls/7/coverage/MEMBER');
    expect(linkOf(text, 'All runs of this mall')).toBe('/runs?mall=7');
    for (const path of ['/runs/again?mall=7&unmended=1', '/new?mallId=7', '/malls/7/coverage/MEMBER', '/runs?mall=7']) {
      expect((await scene.operator.get(path)).status).toBe(200);
    }
  });

  it('shows nobody more than their role may do', async () => {
    const viewer = toText((await scene.viewer.get('/malls/7')).text);
    expect(viewer).not.toContain('Run again');
    expect(viewer).not.toContain('Change settings');
    expect(viewer).toContain('Authorizing needs the role admin.');
    const operator = toText((await scene.operator.get('/malls/7')).text);
    expect(operator).not.toContain('Change settings');
    const admin = toText((await scene.admin.get('/malls/7')).text);
    expect(admin).toContain('Change settings');
    expect(admin).toContain(`Authorize again Leads to Cafe24 and back to ${scene.world.url}/consent/callback`);
  });

  it('says what a mall without a client lacks', async () => {
    const text = toText((await scene.admin.get('/malls/8')).text);
    expect(text).toContain('This mall has no client id and secret yet.');
    expect(text).not.toContain('Authorize at Cafe24');
    expect((await scene.admin.post('/malls/8/authorize')).status).toBe(400);
  });

  it('is not there for another number, or for none', async () => {
    for (const path of ['/malls/99', '/malls/x', '/malls/0', '/malls/9999999999999999', '/malls/-7']) {
      expect((await scene.viewer.get(path)).status).toBe(404);
    }
  });
});

describe('the calendar of a mall', () => {
  it('has each day of the month under its weekday with a word for it', async () => {
    const { text } = await scene.viewer.get('/malls/7/coverage/MEMBER?month=2026-02');
    const weeks = rowsOf(text, 'Coverage of Members, February 2026');
    expect(weeks).toHaveLength(5);
    expect(weeks[0]).toBe('1 ✓ complete');
    expect(weeks[3]).toBe(
      '16 ✓ complete 17 ✓ complete 18 ✓ complete 19 ✓ complete 20 ✕ missing 21 ✕ missing 22 ✓ complete',
    );
    expect([...text.matchAll(/<th scope="col">/g)].length).toBeGreaterThanOrEqual(7);
  });

  it('shows rejects, parts, what is not over and what was before the mall', async () => {
    const march = rowsOf((await scene.viewer.get('/malls/7/coverage/MEMBER')).text, 'Coverage of Members, March 2026');
    expect(march.join(' ')).toContain(
      '2 ! with rejects 2 rejected 3 ! with rejects 4 ✓ complete 5 ✕ missing 6 ✓ complete',
    );
    expect(march.join(' ')).toContain('9 ◐ partly read 10 · not over');
    const old = rowsOf(
      (await scene.viewer.get('/malls/8/coverage/SALES?month=2026-02')).text,
      'Coverage of Sales, February 2026',
    );
    expect(old.join(' ')).toContain('28 – before the mall');
  });

  it('lists what is missing, each with the run that would fill it', async () => {
    const { text } = await scene.operator.get('/malls/7/coverage/MEMBER?month=2026-02');
    expect(rowsOf(text, 'Missing ranges of this month')).toEqual([
      '2026-02-20 – 2026-02-21 2 days Run this 2026-02-20 – 2026-02-21',
    ]);
    const link = linkOf(text, 'Run this 2026-02-20 – 2026-02-21');
    expect(link).toBe('/new?domainType=MEMBER&mallId=7&start=2026-02-20T00:00:00&end=2026-02-22T00:00:00');
    const form = (await scene.operator.get(link)).text;
    for (const value of ['7', '2026-02-20', '2026-02-2']) expect(form).toContain(`value="${value}`);
    const viewer = (await scene.viewer.get('/malls/7/coverage/MEMBER?month=2026-02')).text;
    expect(rowsOf(viewer, 'Missing ranges of this month')).toEqual(['2026-02-20 – 2026-02-21 2 days']);
  });

  it('links a day to the runs of that day', async () => {
    const { text } = await scene.viewer.get('/malls/7/coverage/MEMBER');
    const link = linkOf(text, '5');
    expect(link).toBe('/runs?mall=7&domain=MEMBER&start=2026-03-05&end=2026-03-05&sort=newest');
    expect((await scene.viewer.get(link)).text).toContain(`/runs/${failed}"`);
  });

  it('leads to the months beside it and to the other domains', async () => {
    const { text } = await scene.viewer.get('/malls/7/coverage/MEMBER?month=2026-01');
    expect(linkOf(text, '← Previous month')).toBe('/malls/7/coverage/MEMBER?month=2025-12');
    expect(linkOf(text, '→ Next month')).toBe('/malls/7/coverage/MEMBER?month=2026-02');
    expect(linkOf(text, 'Orders')).toBe('/malls/7/coverage/ORDER?month=2026-01');
  });

  it('ends where months end', async () => {
    expect((await scene.viewer.get('/malls/7/coverage/MEMBER?month=2099-12')).text).not.toContain('Next month');
    expect((await scene.viewer.get('/malls/7/coverage/MEMBER?month=2000-01')).text).not.toContain('Previous month');
  });

  it.each(['2026-13', '2026-00', '2026', 'x', '1999-12', '2100-01', '2026-02-01'])(
    'refuses the month %s by its field',
    async (month) => {
      const answer = await scene.viewer.get(`/malls/7/coverage/MEMBER?month=${month}`);
      expect(answer.status).toBe(400);
      expect(toText(answer.text)).toContain('Field month:');
    },
  );

  it('is not there for another mall or domain', async () => {
    for (const path of ['/malls/99/coverage/MEMBER', '/malls/7/coverage/REVIEW', '/malls/x/coverage/MEMBER']) {
      expect((await scene.viewer.get(path)).status).toBe(404);
    }
  });

  it('speaks Korean', async () => {
    const { text } = await scene.operator.get('/malls/7/coverage/MEMBER?month=2026-02', { 'accept-language': 'ko' });
    expect(rowsOf(text, '이 달의 누락 기간')).toEqual([
      '2026-02-20 – 2026-02-21 2일 이 기간 실행 2026-02-20 – 2026-02-21',
    ]);
    expect(rowsOf(text, '회원 수집 현황, 2026년 2월')[0]).toBe('1 ✓ 완료');
  });
});
