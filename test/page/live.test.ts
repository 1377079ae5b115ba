import { beforeAll, describe, expect, it } from 'vitest';
import { loadNowBoard } from '../../src/adapters/postgres/read-models/now-board.ts';
import { createTestDatabase } from '../support/database.ts';
import { openEvents, type EventReader } from '../support/event-reader.ts';
import { startPageWorld, type PageClient, type PageWorld } from '../support/page-world.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { addInstance, addMall, addRun } from './read-models/ledger-rows.ts';

const DAY = ['2026-03-01', '2026-03-02'] as const;

type Pairs = readonly (readonly [string, string])[];

function cookieOf(client: PageClient): Readonly<Record<string, string>> {
  return { cookie: [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
}

function idsIn(data: string): readonly string[] {
  return (JSON.parse(data) as Pairs).map(([id]) => id);
}

async function addRunning(world: PageWorld, mallId: number): Promise<number> {
  await addMall(world.test, mallId);
  const instance = await addInstance(world.test, { mallId, days: DAY });
  const claimed = { status: 'RUNNING', started_at: 'yesterday', lease_until: 'tomorrow', fence_token: 1 };
  return await addRun(world.test, instance, claimed);
}

async function setRead(world: PageWorld, executionId: number, read: number): Promise<void> {
  await world.test.query('update mallsync.tb_batch_execution_summary set read = $2 where execution_id = $1', [
    executionId,
    read,
  ]);
}

describe('a live page', () => {
  let world: PageWorld;
  let client: PageClient;
  let first: number;
  let second: number;

  beforeAll(async () => {
    world = await startPageWorld({ users: { vera: 'viewer', otto: 'operator' } });
    client = await world.signIn('vera');
    [first, second] = [await addRunning(world, 1), await addRunning(world, 2)];
  });

  async function follow(path = '/now/events', who = client): Promise<EventReader> {
    return await openEvents(`${world.url}${path}`, cookieOf(who));
  }

  it('names its events, and they begin with what the page already shows', async () => {
    const page = (await client.get('/now')).text;
    expect(page).toContain('data-live="/now/events"');
    const events = await follow();
    const pairs = JSON.parse(await events.next('fragments')) as Pairs;
    expect(pairs.map(([id]) => id)).toStrictEqual([
      'now-summary',
      'now-totals',
      'now-running',
      'now-queue',
      'now-budgets',
    ]);
    for (const [id, html] of pairs) if (id !== 'now-totals' && id !== 'now-running') expect(page).toContain(html);
    events.close();
  });

  it('is sent the row that changed and nothing that did not', async () => {
    const events = await follow();
    await events.next('fragments');
    await setRead(world, first, 4_321);
    const changed = idsIn(await events.next('fragments', (data) => data.includes('4,321')));
    expect(changed).toContain(`run-${first}`);
    expect(changed).not.toContain(`run-${second}`);
    expect(changed).not.toContain('now-running');
    events.close();
  });

  it('is sent the whole list when a run ends', async () => {
    const third = await addRunning(world, 3);
    const events = await follow();
    await events.next('fragments', (data) => data.includes(`run-${third}`));
    await world.test.query(
      `update mallsync.tb_batch_execution_summary set status = 'COMPLETED' where execution_id = $1`,
      [third],
    );
    const changed = await events.next('fragments', (data) => data.includes('now-running'));
    expect(changed).not.toContain(`run-${third}`);
    expect(idsIn(changed)).toContain('now-summary');
    events.close();
  });

  it('is drawn for each role and language and holds nothing of one visitor', async () => {
    const otto = await world.signIn('otto');
    const [mine, theirs, korean] = [
      await follow(),
      await follow('/now/events', otto),
      await openEvents(`${world.url}/now/events`, { ...cookieOf(client), 'accept-language': 'ko' }),
    ];
    expect(await mine.next('fragments')).not.toContain('/stop');
    const operators = await theirs.next('fragments');
    expect(operators).toContain(`/runs/${first}/stop`);
    expect(operators).not.toMatch(/csrf|otto/);
    expect(await korean.next('fragments')).toContain('실행 중');
    for (const events of [mine, theirs, korean]) events.close();
  });

  it('takes nothing of one visitor’s address into what others are sent', async () => {
    const strange = await follow('/now/events?note=from-elsewhere');
    const other = await follow();
    expect(await strange.next('fragments')).not.toContain('from-elsewhere');
    expect(await other.next('fragments')).not.toContain('from-elsewhere');
    strange.close();
    other.close();
  });

  it('is refused to whom nobody knows', async () => {
    const events = await openEvents(`${world.url}/now/events`);
    expect(events.status).toBe(401);
    events.close();
  });

  it('keeps nobody signed in by being left open', async () => {
    const idle = await world.signIn('otto');
    await world.test.query(`update mallsync.tb_admin_session set seen_at = now() - interval '40 minutes'`);
    const events = await follow('/now/events', idle);
    await events.next('fragments');
    events.close();
    const readIdle = async (): Promise<readonly unknown[]> =>
      await world.test.query(`select from mallsync.tb_admin_session where seen_at < now() - interval '39 minutes'`);
    const before = (await readIdle()).length;
    await idle.get('/now');
    expect(before - (await readIdle()).length).toBe(1);
  });

  it('ends at once when its visitor signs out, and no other visitor’s does', async () => {
    const leaving = await world.signIn('vera');
    const [ending, staying] = [await follow('/now/events', leaving), await follow()];
    await Promise.all([ending.next('fragments'), staying.next('fragments')]);
    expect((await leaving.post('/sign-out')).status).toBe(303);
    await ending.ended;
    await setRead(world, first, 9_999);
    await staying.next('fragments', (data) => data.includes('9,999'));
    staying.close();
  });
});

describe('a page that many look at', () => {
  it('is read once a second for all of them', async () => {
    const test = await createTestDatabase();
    const opened = await test.open({ poolSize: 6 });
    let queries = 0;
    const pool = new Proxy(opened.pool, {
      get(target, name, receiver) {
        queries += 1;
        return Reflect.get(target, name, receiver) as unknown;
      },
    });
    const world = await startPageWorld({ database: test, context: { database: { ...opened, pool } } });
    const run = await addRunning(world, 1);
    await loadNowBoard(pool);
    const queriesOfOneReading = queries;
    const many = await Promise.all(Array.from({ length: 20 }, () => openEvents(`${world.url}/now/events`)));
    await Promise.all(many.map((events) => events.next('fragments')));
    queries = 0;
    await setRead(world, run, 777);
    await Promise.all(many.map((events) => events.next('fragments', (data) => data.includes('777'))));
    // the reading that sees it, and one that may have been under way
    expect(queries).toBeGreaterThanOrEqual(queriesOfOneReading);
    expect(queries).toBeLessThanOrEqual(2 * queriesOfOneReading);
    for (const events of many) events.close();
  });
});

describe('a live page whose database goes away', () => {
  it('is told so, and is kept up again when the database is back', async () => {
    const test = await createTestDatabase();
    const address = new URL(test.url);
    const proxy = await startTcpProxy(address.hostname, Number(address.port));
    const through = new URL(test.url);
    through.hostname = proxy.host;
    through.port = String(proxy.port);
    const database = await test.open({ url: through.href, poolSize: 6 });
    const world = await startPageWorld({ database: test, context: { database } });
    const events = await openEvents(`${world.url}/now/events`);
    await events.next('fragments');
    await proxy.cut();
    await events.next('lost');
    expect((await openEvents(`${world.url}/now/events`)).status).toBe(200);
    await proxy.mend();
    await events.next('back');
    const run = await addRunning(world, 5);
    await events.next('fragments', (data) => data.includes(`run-${run}`));
    events.close();
    await proxy.close();
  });
});

describe('a server that closes', () => {
  it('ends its live pages and does not wait for those who look', async () => {
    const world = await startPageWorld();
    const events = await openEvents(`${world.url}/now/events`);
    await events.next('fragments');
    await world.server.close();
    await events.ended;
    await expect(fetch(`${world.url}/livez`)).rejects.toThrow('fetch failed');
  });
});

describe('a first reading that fails', () => {
  it('is answered with 503, not with a stream of nothing', async () => {
    const test = await createTestDatabase();
    const database = await test.open({ url: 'postgres://nobody:x@127.0.0.1:1/none' });
    const world = await startPageWorld({ database: test, context: { database } });
    const answer = await fetch(`${world.url}/now/events`);
    expect(answer.status).toBe(503);
  });
});
