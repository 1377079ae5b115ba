import { request } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEvents } from '../support/event-reader.ts';
import { readSeriesOf, sumBy, sumOf, toFamily, type Series } from '../support/metrics-text.ts';
import { fillPath, listRoutes } from '../support/page-routes.ts';
import { PASSWORD, startPageWorld, type PageClient, type PageWorld } from '../support/page-world.ts';
import { until } from '../support/process-signals.ts';

const REQUESTS = 'mallsync_page_requests_total';
/** In the addresses and methods that strangers make up; in no label. */
const MARK = 'honggildong';
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'other'];

let world: PageWorld;
let client: PageClient;

beforeAll(async () => {
  world = await startPageWorld({ users: { vera: 'viewer', ada: 'admin' } });
  client = await world.signIn('ada');
});

async function read(of: PageWorld = world): Promise<Series> {
  return readSeriesOf((await of.metrics.render()).text);
}

function labelsOf(all: Series, label: string): readonly string[] {
  return Object.keys(sumBy(all, REQUESTS, label));
}

/** fetch refuses most of what this sends. */
function sendRaw(path: string, method: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: world.port, path, method }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
    })
      .once('error', reject)
      .end();
  });
}

describe('requests to the page', () => {
  it('are counted by the pattern of their route, whatever stands in the address', async () => {
    const before = await read();
    for (const runId of [7, 8, 9]) expect((await client.get(`/runs/${runId}`)).status).toBe(404);
    expect((await client.get(`/malls?search=${MARK}`)).status).toBe(200);
    const after = await read();
    const gained = (labels: string): number =>
      (after.get(`${REQUESTS}{${labels}}`) ?? 0) - (before.get(`${REQUESTS}{${labels}}`) ?? 0);
    expect(gained('route="/runs/:executionId",method="GET",code="404"')).toBe(3);
    expect(gained('route="/malls",method="GET",code="200"')).toBe(1);
  });

  it('are told by the pattern also where nobody was let in, and where there is no such address', async () => {
    const stranger = world.visit();
    const before = await read();
    await stranger.get('/runs/7');
    await stranger.get('/api/v1/runs/7');
    await stranger.get('/nothing-here');
    await client.get('/nothing-here');
    const after = await read();
    const known = new Map([...after].filter(([series, value]) => value !== (before.get(series) ?? 0)));
    expect(Object.fromEntries([...known].filter(([series]) => toFamily(series) === REQUESTS))).toEqual({
      [`${REQUESTS}{route="/runs/:executionId",method="GET",code="303"}`]: 1,
      [`${REQUESTS}{route="/api/v1/runs/:executionId",method="GET",code="401"}`]: 1,
      [`${REQUESTS}{route="other",method="GET",code="303"}`]:
        1 + (before.get(`${REQUESTS}{route="other",method="GET",code="303"}`) ?? 0),
      [`${REQUESTS}{route="other",method="GET",code="404"}`]:
        1 + (before.get(`${REQUESTS}{route="other",method="GET",code="404"}`) ?? 0),
    });
  });

  it('make no series of their own by hostile addresses and methods, nor take any value from them', async () => {
    const routes = listRoutes(world.server.app);
    const patterns = new Set([...routes.map(({ path }) => path), 'other']);
    for (const { path, method } of routes) {
      if (method === 'GET' && !path.endsWith('/events')) await client.get(fillPath(path, MARK));
    }
    const addressed = [...(await read()).keys()].length;
    const hostile = Array.from({ length: 200 }, (_, n) => `/${MARK}-${n}/..%2f${n}?${MARK}=${n}`);
    for (const path of hostile) await sendRaw(path, 'GET');
    for (const method of ['PROPFIND', 'REPORT', 'MKCOL', 'PURGE', 'M-SEARCH', 'LOCK', 'TRACE']) {
      await sendRaw(`/runs/${MARK}`, method);
      await sendRaw(`/${MARK}`, method);
    }
    for (const method of ['HEAD', 'OPTIONS', 'DELETE', 'PUT', 'PATCH', 'POST']) await sendRaw(`/runs/${MARK}`, method);
    const series = await read();
    expect(labelsOf(series, 'route').filter((route) => !patterns.has(route))).toEqual([]);
    expect(labelsOf(series, 'method').filter((method) => !METHODS.includes(method))).toEqual([]);
    expect(labelsOf(series, 'method')).toContain('other');
    expect([...series.keys()].filter((name) => name.toLowerCase().includes(MARK))).toEqual([]);
    // a method or two more for two routes, with a code each: not one for each address
    expect([...series.keys()].length - addressed).toBeLessThan(20);
    expect(sumOf(series, REQUESTS)).toBeGreaterThan(hostile.length);
  });

  it('are timed by kind, probes left out', async () => {
    const timed = async (): Promise<Readonly<Record<string, number>>> =>
      sumBy(await read(), 'mallsync_page_request_duration_seconds_count', 'kind');
    const before = await timed();
    expect(Object.keys(before).toSorted()).toEqual(['api', 'asset', 'live', 'page']);
    await client.get('/readyz');
    await client.get('/assets/app.css');
    await client.get('/api/v1/malls');
    await client.get('/api/v1/nothing-here');
    await client.get('/malls');
    const after = await timed();
    const gained = Object.fromEntries(
      Object.entries(after).map(([kind, count]) => [kind, count - (before[kind] ?? 0)]),
    );
    expect(gained).toEqual({ page: 1, api: 2, asset: 1, live: 0 });
  });
});

describe('live viewers', () => {
  it('are those whose page is open now, and none when all have gone', async () => {
    const viewers = async (): Promise<number> => sumOf(await read(), 'mallsync_page_live_viewers');
    expect(await viewers()).toBe(0);
    const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const pages = await Promise.all(
      ['/now/events', '/now/events'].map((path) => openEvents(world.url + path, { cookie })),
    );
    for (const page of pages) await page.next('fragments');
    expect(await viewers()).toBe(2);
    pages[0]?.close();
    await until('one viewer to be left', async () => (await viewers()) === 1);
    pages[1]?.close();
    await until('no viewer to be left', async () => (await viewers()) === 0);
  });
});

describe('sign-ins', () => {
  it('are counted by what came of them, at the form and at the API, and never by name', async () => {
    const guarded = await startPageWorld({ users: { ann: 'viewer', oli: 'viewer' } });
    const outcomes = async (): Promise<Readonly<Record<string, number>>> =>
      sumBy(await read(guarded), 'mallsync_page_sign_ins_total', 'outcome');
    expect(await outcomes()).toEqual({ done: 0, refused: 0, too_many_tries: 0 });
    await guarded.signIn('oli');
    const basic = (password: string) => ({
      authorization: `Basic ${Buffer.from(`ann:${password}`).toString('base64')}`,
    });
    await guarded.visit().get('/api/v1/malls', basic('wrong'));
    for (let tries = 0; tries < 4; tries++) {
      await guarded.visit().post('/sign-in', { name: 'ann', password: 'wrong', csrf: '' });
    }
    await guarded.visit().get('/api/v1/malls', basic(PASSWORD));
    expect(await outcomes()).toEqual({ done: 1, refused: 5, too_many_tries: 1 });
    const { text } = await guarded.metrics.render();
    expect(text).not.toMatch(/"(ann|oli)"/);
  });
});

describe('the page’s own address', () => {
  it('tells no metrics, to strangers or to those who signed in', async () => {
    for (const path of ['/metrics', '/metrics/', '/api/v1/metrics']) {
      const answer = await client.get(path);
      expect(answer.status).toBe(404);
      expect(answer.text).not.toContain('mallsync_page_');
      expect((await world.visit().get(path)).text).not.toContain('mallsync_page_');
    }
  });
});
