import { describe, expect, it } from 'vitest';
import { openTestApp, type TestAnswer, type TestApp } from './test-app.ts';

const LIMITED = { rateLimit: true, addressLimit: false };
const COUNT = 'customersprivacy/count?start_date=2025-12-01&end_date=2025-12-01';

async function callTimes(app: TestApp, path: string, times: number): Promise<TestAnswer[]> {
  const answers: TestAnswer[] = [];
  for (let n = 0; n < times; n++) answers.push(await app.get(path));
  return answers;
}

describe('the bucket', () => {
  it('takes 40 calls of an endpoint, refuses the next and drains 2 a second', async () => {
    await using app = await openTestApp({ behaviour: LIMITED });
    const answers = await callTimes(app, COUNT, 41);
    expect(answers.slice(0, 40).every(({ status }) => status === 200)).toBe(true);
    expect(answers[7]?.headers.get('x-api-call-limit')).toBe('8/40');
    const last = answers[40];
    expect([last?.status, last?.headers.get('x-api-call-limit')]).toEqual([429, '40/40']);
    expect(last?.headers.has('x-cafe24-call-remain')).toBe(false);
    app.wait(3000);
    const later = await callTimes(app, COUNT, 7);
    expect(later.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200, 429]);
    expect(later[0]?.headers.get('x-api-call-limit')).toBe('35/40');
  });

  it('is one of each endpoint, and holds a single call for dailysales', async () => {
    await using app = await openTestApp({ behaviour: LIMITED });
    await callTimes(app, COUNT, 40);
    expect((await app.get('shops')).status).toBe(200);
    const daily = await callTimes(app, 'financials/dailysales?start_date=2025-12-01&end_date=2025-12-01', 2);
    expect(daily.map(({ status }) => status)).toEqual([200, 429]);
    expect(daily[0]?.headers.get('x-api-call-limit')).toBe('1/1');
    app.wait(500);
    expect((await app.get('financials/dailysales?start_date=2025-12-01&end_date=2025-12-01')).status).toBe(200);
  });

  it('shows on refused and faulty answers too, and is off on demand', async () => {
    await using app = await openTestApp({ behaviour: LIMITED });
    expect((await app.get('shops', { authorization: 'Bearer wrong' })).headers.get('x-api-call-limit')).toBe('1/40');
    app.control.changeBehaviour('alpha', { rateLimit: false });
    const answers = await callTimes(app, COUNT, 45);
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(answers[44]?.headers.get('x-api-call-limit')).toBe('1/40');
  });
});

describe('the address rule', () => {
  it('refuses the tenth call within a second from one address, over all endpoints', async () => {
    await using app = await openTestApp({ behaviour: { rateLimit: true } });
    const answers = [...(await callTimes(app, COUNT, 5)), ...(await callTimes(app, 'shops', 5))];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200, 200, 200, 200, 429]);
    app.wait(1000);
    expect((await app.get('shops')).status).toBe(200);
  });
});

describe('the usage quota', () => {
  it('shows usage always, and the seconds to wait only once it is used up, over all endpoints', async () => {
    await using app = await openTestApp({ behaviour: { ...LIMITED, quotaCalls: 10, quotaWindowSeconds: 100 } });
    const answers = await callTimes(app, COUNT, 10);
    expect(answers[4]?.headers.get('x-cafe24-call-usage')).toBe('50.00');
    expect(answers[4]?.headers.get('x-cafe24-time-usage')).toMatch(/^\d+\.\d\d$/);
    expect(answers[4]?.headers.has('x-cafe24-call-remain')).toBe(false);
    const refused = await app.get('shops');
    expect([refused.status, refused.headers.get('x-cafe24-call-usage')]).toEqual([429, '110.00']);
    expect(refused.headers.get('x-cafe24-call-remain')).toBe('10');
    const worse = await app.get('shops');
    expect(worse.headers.get('x-cafe24-call-remain')).toBe('20');
    app.wait(20_000 + 10_000);
    expect((await app.get('shops')).status).toBe(200);
  });

  it('counts processing time apart', async () => {
    await using app = await openTestApp({ behaviour: { ...LIMITED, quotaProcessingMs: 20, quotaWindowSeconds: 10 } });
    const answers = await callTimes(app, COUNT, 3);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers[2]?.headers.has('x-cafe24-call-remain')).toBe(false);
    expect(Number(answers[2]?.headers.get('x-cafe24-time-remain'))).toBeGreaterThan(0);
  });

  it('blocks by order, and longer for each call made meanwhile', async () => {
    await using app = await openTestApp({});
    app.control.addFault('alpha', { endpoint: 'shops', kind: 'usage-429', times: 1, remainSeconds: 30 });
    const first = await app.get('shops');
    expect([first.status, first.headers.get('x-cafe24-call-remain')]).toEqual([429, '30']);
    const other = await app.get(COUNT);
    expect([other.status, other.headers.get('x-cafe24-call-remain')]).toEqual([429, '31']);
    app.wait(31_000);
    expect((await app.get(COUNT)).status).toBe(200);
  });
});

describe('admission', () => {
  it.each([
    ['no token', { authorization: '' }, 401],
    ['an unknown token', { authorization: 'Bearer nobody' }, 401],
    ['a body type that is not JSON', { 'content-type': 'text/plain' }, 400],
  ])('refuses %s', async (_, headers, status) => {
    await using app = await openTestApp({});
    const answer = await app.get('shops', headers);
    expect([answer.status, answer.body]).toEqual([status, { error: expect.objectContaining({ code: status }) }]);
  });

  it('refuses an endpoint whose scope was not granted', async () => {
    await using app = await openTestApp({ scopes: ['mall.read_store', 'mall.read_privacy'] });
    expect((await app.get('orders')).status).toBe(403);
    expect((await app.get('shops')).status).toBe(200);
  });

  it('refuses an app that was taken off the mall', async () => {
    await using app = await openTestApp({});
    app.control.changeBehaviour('alpha', { installed: false });
    expect((await app.get('shops')).status).toBe(403);
    const token = await app.askToken({ grant_type: 'refresh_token', refresh_token: 'any' });
    expect([token.status, token.body?.['error_description']]).toEqual([400, 'This is an uninstalled app.']);
  });

  it('knows no other path, mall or method', async () => {
    await using app = await openTestApp({});
    const statuses = [await app.get('products'), await app.get('../../../../beta/api/v2/admin/shops')];
    expect(statuses.map(({ status }) => status)).toEqual([404, 404]);
  });

  it('answers a host name as well as a path', async () => {
    await using app = await openTestApp({});
    const { request } = await import('node:http');
    const status = await new Promise<number | undefined>((resolve) => {
      const call = request(
        `${app.url}/api/v2/admin/shops`,
        { headers: { host: 'alpha.cafe24api.test' } },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      call.end();
    });
    expect(status).toBe(401);
  });
});

it('dates its answers by the simulated clock', async () => {
  await using app = await openTestApp({});
  app.wait(1000);
  app.control.shiftClock(1000);
  expect((await app.get('shops')).headers.get('date')).toBe('Sun, 01 Feb 2026 03:00:02 GMT');
});

it('counts calls, refusals and the use of what the bucket permits', async () => {
  await using app = await openTestApp({ behaviour: LIMITED });
  await callTimes(app, COUNT, 41);
  app.wait(10_000);
  await callTimes(app, COUNT, 20);
  const stats = app.control.readStats('alpha');
  expect(stats).toMatchObject({
    calls: 62,
    tooManyRequests: 1,
    tokenRequests: 1,
    tokensAlive: 1,
    maxCallsPerSecond: 41,
  });
  expect(stats.endpoints['customersprivacy/count']).toMatchObject({
    calls: 61,
    accepted: 60,
    byStatus: { 200: 60, 429: 1 },
    permittedCallsUsed: 1,
    seconds: 10,
  });
  app.control.resetStats('alpha');
  expect(app.control.readStats('alpha').calls).toBe(0);
});
