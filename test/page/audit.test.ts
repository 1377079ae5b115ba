import { beforeAll, describe, expect, it } from 'vitest';
import { createAuditLog } from '../../src/adapters/postgres/audit-log.ts';
import type { PageClient, PageWorld } from '../support/page-world.ts';
import { startPageWorld } from '../support/page-world.ts';
import { linkOf, rowsOf, toText } from './page-text.ts';

const HOSTILE = `<img src=x onerror=alert(1)>'"`;

let world: PageWorld;
let viewer: PageClient;
let operator: PageClient;

beforeAll(async () => {
  world = await startPageWorld({ users: { vera: 'viewer', otto: 'operator' } });
  [viewer, operator] = [await world.signIn('vera'), await world.signIn('otto')];
  // signing in is an act, too
  await world.test.query('delete from mallsync.tb_audit_log');
  const log = createAuditLog(world.database);
  const act = { source: '10.0.0.7', outcome: 'done', detail: {} };
  await log.record({ ...act, actor: 'otto', action: 'run again', target: '2 runs', detail: { malls: 2, reason: '' } });
  await log.record({ ...act, actor: 'ada', action: 'malls deactivate', target: 'mall 7' });
  await log.record({ ...act, actor: HOSTILE, action: 'run again', target: HOSTILE, outcome: 'refused: key' });
  await world.test.query(`update mallsync.tb_audit_log set at = '2025-12-01T00:30:00+09:00' where actor = 'ada'`);
});

const LIST = 'The acts, newest first';

async function actors(path: string): Promise<readonly string[]> {
  const { status, text } = await operator.get(path);
  expect(status).toBe(200);
  if (text.includes('No act matches this filter.')) return [];
  return rowsOf(text, LIST).map((row) => /^\S+ \S+ (ada|otto)/.exec(row)?.[1] ?? 'hostile');
}

describe('the audit page', () => {
  it('shows who did what to what, from where, and what came of it', async () => {
    const page = (await operator.get('/audit')).text;
    expect(rowsOf(page, LIST)).toEqual([
      expect.stringContaining(`${HOSTILE} run again ${HOSTILE} 10.0.0.7 ✕ refused: key –`) as string,
      expect.stringMatching(/otto run again 2 runs 10\.0\.0\.7 ✓ done malls 2$/) as string,
      '2025-12-01 00:30 ada malls deactivate mall 7 10.0.0.7 ✓ done –',
    ]);
    expect(page).not.toContain('<img src=x');
  });

  it.each<[string, readonly string[]]>([
    ['actor=otto', ['otto']],
    ['action=run+again', ['hostile', 'otto']],
    ['target=mall', ['ada']],
    ['until=2025-12-01', ['ada']],
    ['since=2025-12-01T00:30:01', ['hostile', 'otto']],
    ['since=2025-12-01&until=2025-12-01T00:30', ['ada']],
    ['actor=nobody', []],
    ['actor=&action=', ['hostile', 'otto', 'ada']],
  ])('narrows by %s', async (query, expected) => {
    expect(await actors(`/audit?${query}`)).toEqual(expected);
  });

  it('goes on to older acts', async () => {
    const first = await operator.get('/audit?limit=2');
    expect(rowsOf(first.text, LIST)).toHaveLength(2);
    const second = await operator.get(linkOf(first.text, 'Older acts'));
    expect(rowsOf(second.text, LIST)).toEqual([expect.stringContaining('ada') as string]);
    expect(linkOf(second.text, 'To the newest')).toBe('/audit?limit=2');
  });

  it.each([
    ['since=now', 'since'],
    ['before=x', 'before'],
    ['limit=0', 'limit'],
    ['actor=%00', 'actor'],
  ])('refuses %s and names the field', async (query, field) => {
    expect(await operator.get(`/audit?${query}`)).toMatchObject({ status: 400, text: expect.stringContaining(field) });
    const answer = await operator.get(`/api/v1/audit?${query}`);
    expect(JSON.parse(answer.text)).toMatchObject({ error: { field: expect.stringMatching(`^${field}`) as string } });
  });

  it('is not a viewer’s to see', async () => {
    expect((await viewer.get('/audit')).status).toBe(403);
    expect((await viewer.get('/api/v1/audit')).status).toBe(403);
    expect((await viewer.get('/runs')).text).not.toContain('href="/audit"');
  });

  it('speaks Korean', async () => {
    const page = await operator.get('/audit', { 'accept-language': 'ko' });
    expect(toText(page.text)).toContain('감사 기록');
    expect(rowsOf(page.text, '한 일, 최신순')).toHaveLength(3);
  });

  it('is the same list in the API', async () => {
    const answer = JSON.parse((await operator.get('/api/v1/audit?limit=2')).text) as object;
    expect(answer).toMatchObject({
      entries: [
        { actor: HOSTILE, outcome: 'refused: key' },
        { actor: 'otto', detail: { malls: 2 } },
      ],
      nextBeforeId: expect.any(Number) as number,
    });
  });
});
