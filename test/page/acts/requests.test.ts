import { beforeAll, describe, expect, it } from 'vitest';
import type { PageClient } from '../../support/page-world.ts';
import type { PipelineMall } from '../../support/pipeline.ts';
import { DAY } from '../../support/pipeline.ts';
import { linkOf, rowsOf, toText } from '../page-text.ts';
import type { ActsWorld } from './acts-world.ts';
import { fieldOf, idOf, listAudit, listRequests, openActsWorld, serveRequests } from './acts-world.ts';

const MEMBERS = { domainTypes: ['MEMBER'] };
const ITEMS = 'Mall by mall';
const PATIENCE = { timeout: 20_000, interval: 50 };

let world: ActsWorld;
let operator: PageClient;
let malls: Readonly<Record<'calm' | 'lost' | 'slow' | 'spoilt', PipelineMall>>;
let runs: Readonly<Record<'calm' | 'lost' | 'spoilt', number>>;

beforeAll(async () => {
  world = await openActsWorld();
  const { pipeline } = world;
  malls = {
    calm: await pipeline.addMall({ membersPerDay: 5 }, { ...MEMBERS, name: 'Calm Clothes' }),
    lost: await pipeline.addMall({ consent: 'lost' }, { ...MEMBERS, name: 'Lost Lamps' }),
    slow: await pipeline.addMall({ membersPerDay: 3_000 }, { ...MEMBERS, name: 'Slow Socks' }),
    spoilt: await pipeline.addMall(
      { membersPerDay: 40, poison: { members: { perDay: 3, kinds: ['bad-date'] } } },
      { ...MEMBERS, name: 'Spoilt Shoes' },
    ),
  };
  runs = {
    calm: idOf(await pipeline.run(malls.calm)),
    lost: idOf(await pipeline.run(malls.lost)),
    spoilt: idOf(await pipeline.run(malls.spoilt)),
  };
  operator = await world.page.signIn('otto');
});

/** Confirms the preview at that address. @returns the address of the request’s page */
async function confirm(path: string, client = operator, extra: Record<string, string> = {}): Promise<string> {
  const { text } = await client.get(path);
  const names = [...text.matchAll(/<input\s+type="hidden"\s+name="(\w+)"/g)].map(([, name = '']) => name);
  const own = names.filter((name) => !['csrf', 'back'].includes(name));
  const fields = Object.fromEntries(own.map((name) => [name, fieldOf(text, name)]));
  const answer = await client.post(path.split('?', 1)[0] ?? '', { ...fields, ...extra });
  expect(answer.status, toText(answer.text)).toBe(303);
  return answer.location ?? '';
}

async function read(path: string): Promise<string> {
  const answer = await operator.get(path);
  expect(answer.status, answer.text).toBe(200);
  return answer.text;
}

async function readWhenOver(path: string): Promise<string> {
  await expect.poll(async () => /data-live-state/.test(await read(path)), PATIENCE).toBe(false);
  return await read(path);
}

describe('a request before a server is connected', () => {
  it('waits, and its page says why', async () => {
    const path = await confirm(`/runs/again?executions=${runs.calm},${runs.lost}`);
    const page = await read(path);
    expect(toText(page)).toContain('Nothing happens yet: no server and no controller is connected.');
    expect(toText(page)).toContain('0 of 2 ended');
    expect(rowsOf(page, ITEMS)).toEqual([
      'Calm Clothes 1 Members 2025-12-01 – waiting –',
      'Lost Lamps 2 Members 2025-12-01 – waiting –',
    ]);
    expect(rowsOf(await read('/requests'), 'Requests')[0]).toMatch(
      /Run again Members 2025-12-01 otto 2 0 of 2 ended – waiting$/,
    );
  });
});

describe('a request that a server carries out', () => {
  beforeAll(async () => {
    await serveRequests(world);
  });

  it('tells what came of each mall, and runs again what failed', async () => {
    const [{ idempotency_key: firstKey } = { idempotency_key: '' }] = await listRequests(world);
    const page = await readWhenOver(`/requests/${firstKey.split(' ', 1)[0]}`);
    const [failed, complete] = rowsOf(page, ITEMS);
    expect(failed).toMatch(
      /^Lost Lamps 2 Members 2025-12-01 ✕ failed Run \d+ AuthFailed: Cafe24 refused .* To the mall/,
    );
    expect(complete).toMatch(/^Calm Clothes 1 Members 2025-12-01 ✓ already complete Run \d+$/);
    const again = linkOf(page, 'Run the one that failed again');
    expect(rowsOf(await read(again), 'Mall by mall')).toEqual([expect.stringMatching(/^Lost Lamps 2 /)]);
  });

  it('shows one outcome alone', async () => {
    const path = await confirm(`/runs/again?executions=${runs.calm},${runs.lost}`);
    await readWhenOver(path);
    expect(rowsOf(await read(`${path}?outcome=failed`), ITEMS)).toHaveLength(1);
    expect((await operator.get(`${path}?outcome=lucky`)).status).toBe(400);
  });

  it('is followed live to its end', async () => {
    const path = await confirm(`/runs/again?executions=${runs.calm}&mode=reprocess`, operator, { reason: 'to see' });
    const stream = await operator.get(`${path}/events`);
    expect(stream.headers.get('content-type')).toContain('text/event-stream');
    expect(stream.text).toContain('click-summary');
    expect(stream.text).toMatch(/event: over/);
    expect(stream.text).toMatch(/rows read, /);
    expect((await operator.get('/requests/no-such-key/events')).status).toBe(404);
  });

  it('lets the second of two operators know that the first one’s run is under way', async () => {
    const { pipeline } = world;
    // far more pages than are read before it is stopped
    pipeline.simulator.control.changeBehaviour(malls.slow.cafe24MallId, { latencyMs: 300 });
    const form = `/new?domainType=MEMBER&mallId=${malls.slow.mallId}&start=${DAY.startDate}&end=${DAY.endDate}&pageSize=1&step=preview`;
    const first = await confirm(form);
    await expect
      .poll(async () => rowsOf(await read(first), ITEMS)[0], PATIENCE)
      .toMatch(/▸ started Run \d+ [\d,]+ rows/);
    const live = /Run (\d+)/.exec(rowsOf(await read(first), ITEMS)[0] ?? '')?.[1] ?? '';
    const other = await world.page.signIn('olga');
    const seen = await other.get(`/runs/again?executions=${live}`);
    expect(rowsOf(seen.text, 'Mall by mall')[0]).toContain(`▸ already running is running already run ${live}`);
    const headers = {
      'content-type': 'application/json',
      'x-csrf-token': await other.readToken(),
      'idempotency-key': 'second-operator',
    };
    const body = JSON.stringify({ executionIds: [Number(live)] });
    expect((await other.send('/api/v1/reruns', { method: 'POST', headers, body })).status).toBe(202);
    const page = await readWhenOver('/requests/second-operator');
    expect(rowsOf(page, ITEMS)[0]).toMatch(/▸ already running/);
    const stopPage = await read(`/runs/${live}/stop`);
    expect(toText(stopPage)).toContain('It ends at the next page border.');
    const stopped = await confirm(`/runs/${live}/stop`, operator, { reason: 'too slow' });
    expect(rowsOf(await readWhenOver(stopped), ITEMS)[0]).toMatch(/^Slow Socks 3 .* – stopped Run \d+/);
    expect(rowsOf(await readWhenOver(first), ITEMS)[0]).toMatch(
      /– stopped Run \d+ Stopped: .* stopped by otto: too slow$/,
    );
    expect(toText(await read(`/runs/${live}/stop`))).toContain('It has ended already; there is nothing to stop.');
    expect((await listAudit(world)).at(-1)).toMatchObject({ action: 'stop', target: `run ${live}`, actor: 'otto' });
    pipeline.simulator.control.changeBehaviour(malls.slow.cafe24MallId, { latencyMs: 0 });
  });

  it('reads rejected rows again, of one run and of a group over all malls', async () => {
    const { pipeline } = world;
    const [group] = await pipeline.db.query<{ fingerprint: string }>(
      `select fingerprint from mallsync.tb_batch_error_log where status = 'OPEN' and shop_no is not null limit 1`,
    );
    const fingerprint = group?.fingerprint ?? '';
    const post = (act: string, fields: Record<string, string>) => operator.post(`/runs/${runs.spoilt}/${act}`, fields);
    expect((await post('replay', { key: 'replay-one-run', fingerprint })).location).toBe('/requests/replay-one-run');
    expect(rowsOf(await readWhenOver('/requests/replay-one-run'), ITEMS)[0]).toMatch(/^Spoilt Shoes 4 .*completed/);
    const everywhere = { key: 'replay-everywhere', fingerprint, scope: 'everywhere' };
    expect((await post('replay', everywhere)).status).toBe(303);
    expect(toText(await readWhenOver('/requests/replay-everywhere'))).toContain('Request: Rejected rows again');
    await post('ignore', { fingerprint, reason: 'test rows' });
    // nothing is open any more, but the key is known
    expect((await post('replay', everywhere)).status).toBe(303);
    expect((await post('replay', { ...everywhere, key: 'replay-again' })).status).toBe(400);
    const countOpen = async (): Promise<number> => {
      const rows = await pipeline.db.query(
        `select from mallsync.tb_batch_error_log where status = 'OPEN' and fingerprint = '${fingerprint}'`,
      );
      return rows.length;
    };
    expect(await countOpen()).toBe(0);
    expect((await post('reopen', { fingerprint })).location).toBe(`/runs/${runs.spoilt}`);
    expect(await countOpen()).toBe(3);
    expect((await post('ignore', { fingerprint: 'MEMBER:MAP:NONE:-' })).status).toBe(404);
    expect((await operator.post('/runs/999999/replay', { key: 'replay-nothing' })).status).toBe(404);
    expect((await listAudit(world)).slice(-4).map(({ action, outcome }) => [action, outcome])).toEqual([
      ['replay', 'done'],
      ['replay', 'done'],
      ['errors ignore', 'done'],
      ['errors reopen', 'done'],
    ]);
  });
});

describe('the list of requests', () => {
  it('pages through all of them, the newest first, and by state', async () => {
    const { db } = world.pipeline;
    await db.query('truncate mallsync.tb_batch_retry_request restart identity cascade');
    await db.query(
      `insert into mallsync.tb_batch_retry_request (idempotency_key, kind, domain_type, start_date, end_date, requested_by, state)
       select 'page-key-' || n || ' MEMBER a b', 'RESUME', 'MEMBER', '${DAY.startDate}', '${DAY.endDate}', 'kim',
         case when n <= 2 then 'REFUSED' else 'DONE' end from generate_series(1, 120) as n`,
    );
    const keys: string[] = [];
    let path: string | null = '/requests';
    while (path !== null) {
      const page: string = await read(path);
      keys.push(...[...page.matchAll(/href="\/requests\/(page-key-\d+)"/g)].map(([, key = '']) => key));
      path = page.includes('rel="next"') ? linkOf(page, 'Older') : null;
    }
    expect(keys).toEqual(Array.from({ length: 120 }, (_, index) => `page-key-${120 - index}`));
    expect(rowsOf(await read('/requests?state=REFUSED'), 'Requests')).toHaveLength(2);
    expect(toText(await read('/requests?state=PENDING'))).toContain('Nothing was asked for yet.');
    for (const query of ['state=LATE', 'before=x']) {
      expect((await operator.get(`/requests?${query}`)).status).toBe(400);
    }
    expect((await operator.get('/requests/page-key')).status).toBe(404);
    expect((await operator.get(`/requests/${encodeURIComponent("' or 1=1 --")}`)).status).toBe(404);
  });
});
