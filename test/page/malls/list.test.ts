import { beforeAll, describe, expect, it } from 'vitest';
import { toText, rowsOf, linkOf } from '../page-text.ts';
import { addCoverage, addCredential, addInstance, addMall, addRun, seoulMs } from '../read-models/ledger-rows.ts';
import { buildClockAt, createMallScene, listAudit, type MallScene } from './mall-scene.ts';

const CAPTION = 'Malls with their freshness and consent';
const NOW_MS = seoulMs('2026-03-10T09:00');

let scene: MallScene;
beforeAll(async () => {
  scene = await createMallScene([], { clock: buildClockAt(NOW_MS) });
  const { test } = scene.world;
  const month = ['2026-02-01', '2026-03-10'] as const;
  await addMall(test, 1, { name: 'Fresh', domain_types: ['MEMBER'], labels: { tier: 'gold', note: 'a=b' } });
  await addCoverage(test, 1, 'MEMBER', [month]);
  await addCredential(test, 1, { state: 'ACTIVE', refresh_expires_at: new Date(NOW_MS + 10.5 * 86_400_000) });
  await addMall(test, 2, { name: 'Stale', domain_types: ['MEMBER', 'ORDER'] });
  await addCoverage(test, 2, 'MEMBER', [month]);
  await addCoverage(test, 2, 'ORDER', [['2026-02-01', '2026-03-05']]);
  await addCredential(test, 2, { state: 'NEEDS_CONSENT' });
  await addMall(test, 3, { name: 'Asleep', active: false, domain_types: ['SALES'] });
  await addMall(test, 4, { name: '<b>Bold</b> & "quoted"', domain_types: ['SALES'] });
  const failed = await addInstance(test, { mallId: 2, domainType: 'ORDER', days: ['2026-03-05', '2026-03-06'] });
  await addRun(test, failed, {
    status: 'FAILED',
    failure_reason: 'AuthFailed',
    ended_at: new Date(NOW_MS - 7_200_000),
  });
});

async function listNames(query: string): Promise<readonly string[]> {
  const { text } = await scene.viewer.get(`/malls${query}`);
  if (!text.includes(CAPTION)) return [];
  return rowsOf(text, CAPTION).map((row) => row.split(' ')[0] ?? '');
}

describe('the list of malls', () => {
  it('shows how fresh each mall is, how its consent stands, and its last failure', async () => {
    const rows = rowsOf((await scene.viewer.get('/malls')).text, CAPTION);
    expect(rows).toHaveLength(4);
    expect(rows[0]).toBe('Fresh 1 · shop-1 Members 2026-03-09 ✓ authorized 10 days left none ✓ active');
    expect(rows[1]).toBe(
      'Stale 2 · shop-2 Members 2026-03-09 Orders 2026-03-04 ✕ late ✕ needs consent AuthFailed 2 h ago ✓ active',
    );
    expect(rows[2]).toBe('Asleep 3 · shop-3 Sales never read ! No client yet none – inactive');
  });

  it('counts what needs a person at its top', async () => {
    const text = toText((await scene.viewer.get('/malls')).text);
    expect(text).toContain(
      'Active 3 1 inactive Late 2 older than 30 h Needs consent 1 App uninstalled 0 No client yet 1',
    );
  });

  it.each([
    ['?late=1', ['Stale', '<b>Bold</b>']],
    ['?late=0', ['Fresh', 'Asleep']],
    ['?state=NEEDS_CONSENT', ['Stale']],
    ['?state=NO_CREDENTIAL&active=1', ['<b>Bold</b>']],
    ['?active=0', ['Asleep']],
    ['?domain=ORDER', ['Stale']],
    ['?domain=MEMBER&late=1', []],
    ['?q=fre', ['Fresh']],
    ['?q=SHOP-3', ['Asleep']],
    ['?q=%25', []],
    ['?label=tier%3Dgold', ['Fresh']],
    ['?label=note%3Da%3Db', ['Fresh']],
    ['?label=tier%3Dsilver', []],
    ['?q=&state=&late=&domain=&active=&label=', ['Fresh', 'Stale', 'Asleep', '<b>Bold</b>']],
  ])('narrows by %s', async (query, names) => {
    expect(await listNames(query)).toEqual(names);
  });

  it('goes on behind the last mall of a page', async () => {
    const first = (await scene.viewer.get('/malls?limit=3')).text;
    const next = linkOf(first, 'Next');
    expect(await listNames(new URL(next, scene.world.url).search)).toEqual(['<b>Bold</b>']);
    expect(linkOf((await scene.viewer.get(next)).text, 'First page')).toBe('/malls?limit=3');
  });

  it.each([
    ['?state=ODD', 'state'],
    ['?late=maybe', 'late'],
    ['?label=tier', 'label'],
    ['?limit=0', 'limit'],
    ['?limit=5000', 'limit'],
    [`?q=${'x'.repeat(201)}`, 'q'],
    ['?cursor=abc', 'cursor'],
  ])('answers %s with the field’s name', async (query, field) => {
    const answer = await scene.viewer.get(`/malls${query}`);
    expect(answer.status).toBe(400);
    expect(toText(answer.text)).toContain(field);
  });

  it('escapes what malls are called', async () => {
    const { text } = await scene.viewer.get('/malls');
    expect(text).not.toContain('<b>Bold');
    expect(text).toContain('&lt;b&gt;Bold&lt;/b&gt; &amp; &quot;quoted&quot;');
  });

  it('speaks Korean', async () => {
    const text = toText((await scene.viewer.get('/malls', { 'accept-language': 'ko' })).text);
    expect(text).toContain('활성 3 비활성 1 지연 2 30시간 넘게 지남 동의 필요 1 앱 삭제됨 0 클라이언트 없음 1');
    expect(text).toContain('주문 2026-03-04 ✕ 지연');
  });
});

describe('the switch of a mall', () => {
  it('is an admin’s alone', async () => {
    expect((await scene.viewer.get('/malls')).text).not.toContain('/active"');
    expect((await scene.operator.get('/malls/1')).text).not.toContain('/active"');
    expect((await scene.operator.post('/malls/1/active', { active: '0' })).status).toBe(403);
    expect((await scene.admin.get('/malls')).text).toContain('action="/malls/1/active"');
  });

  it('leaves the mall out, and takes it in again, and both are recorded', async () => {
    const off = await scene.admin.post('/malls/1/active', { active: '0' });
    expect(off).toMatchObject({ status: 303, location: '/malls/1?notice=deactivated' });
    expect(toText((await scene.admin.get('/malls/1?notice=deactivated')).text)).toContain(
      'is left out of the nightly runs',
    );
    expect(await listNames('?active=0')).toEqual(['Fresh', 'Asleep']);
    await scene.admin.post('/malls/1/active', { active: '1' });
    expect(await listNames('?active=0')).toEqual(['Asleep']);
    expect((await listAudit(scene)).slice(0, 2)).toEqual([
      { actor: 'adam', action: 'malls activate', target: 'malls 1', outcome: 'done' },
      { actor: 'adam', action: 'malls deactivate', target: 'malls 1', outcome: 'done' },
    ]);
  });

  it('leads back to the list as it was filtered, and nowhere else', async () => {
    const { location } = await scene.admin.post('/malls/1/active', { active: '1', list: '?late=1&q=a%20b' });
    expect(location).toBe('/malls?late=1&q=a+b');
    const hostile = await scene.admin.post('/malls/1/active', {
      active: '1',
      list: '//evil.example/\r\nSet-Cookie: a=b',
    });
    expect(new URL(hostile.location ?? '', scene.world.url).origin).toBe(scene.world.url);
    expect(hostile.headers.get('set-cookie')).toBeNull();
  });

  it('refuses another word, and a mall that is not there', async () => {
    expect((await scene.admin.post('/malls/1/active', { active: 'yes' })).status).toBe(400);
    expect((await scene.admin.post('/malls/99/active', { active: '0' })).status).toBe(404);
    expect((await scene.admin.post('/malls/x/active', { active: '0' })).status).toBe(404);
  });
});
