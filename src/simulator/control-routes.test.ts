import { afterAll, beforeAll, expect, it } from 'vitest';
import { fetchAnswer, openTestApp, type TestAnswer, type TestApp } from './test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp({ membersPerDay: 100, ordersPerDay: 100 });
});
afterAll(() => app[Symbol.asyncDispose]());

function ask(method: string, path: string, body?: unknown): Promise<TestAnswer> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  return fetchAnswer(`${app.url}/_simulator/${path}`, init);
}

const PERIOD = 'startDate=2025-12-01T00:00:00&endDate=2025-12-01T23:59:59';

it('tells the truth of a period, and its rows line by line', async () => {
  const truth = await ask('GET', `malls/alpha/truth?domainType=ORDER&${PERIOD}`);
  expect(truth.body).toMatchObject({ count: 100, poison: [] });
  const rows = await ask('GET', `malls/alpha/truth?domainType=ORDER&${PERIOD}&rows=true`);
  const parsed = rows.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  expect(parsed).toHaveLength(100);
  expect(parsed[0]).toHaveProperty('items');
});

it('sets and clears faults', async () => {
  expect((await ask('POST', 'malls/alpha/faults', { endpoint: 'shops', kind: 'error-500' })).status).toBe(200);
  expect((await app.get('shops')).status).toBe(500);
  expect((await ask('DELETE', 'malls/alpha/faults')).status).toBe(200);
  expect((await app.get('shops')).status).toBe(200);
});

it('edits rows and answers with their keys', async () => {
  const edit = { op: 'add', domainType: 'MEMBER', at: '2025-12-01T10:00:00', count: 2 };
  const { body } = await ask('POST', 'malls/alpha/rows', edit);
  expect(body).toEqual({ keys: [expect.stringMatching(/^u251201/), expect.stringMatching(/^u251201/)] });
});

it('changes the behaviour, the consent and the clock', async () => {
  await ask('PATCH', 'malls/alpha/behaviour', { statisticsApproved: false });
  expect((await app.get('reports/hourlysales?start_date=2025-12-01&end_date=2025-12-01')).status).toBe(403);
  await ask('POST', 'clock', { ms: 1000 });
  expect((await app.get('shops')).headers.get('date')).toBe('Sun, 01 Feb 2026 03:00:01 GMT');
  await ask('POST', 'malls/alpha/consent', { act: 'expire-access' });
  expect((await app.get('shops')).text).toContain('time expired');
});

it('adds a mall and reads all statistics', async () => {
  const mall = { cafe24MallId: 'late', clientId: 'a', clientSecret: 'b' };
  expect((await ask('POST', 'malls', mall)).status).toBe(200);
  expect((await ask('POST', 'malls', mall)).status).toBe(400);
  const { text } = await ask('GET', 'malls');
  expect(text).toContain('"cafe24MallId":"late"');
  const stats = await ask('GET', 'stats');
  expect(stats.body).toMatchObject({ alpha: { tokenRequests: 1 }, late: { calls: 0 } });
});

it.each([
  ['POST', 'malls/alpha/faults', { kind: 'unheard-of' }, 400, 'kind'],
  ['POST', 'malls/alpha/rows', { op: 'remove', domainType: 'MEMBER', keys: ['nobody'] }, 400, 'nobody'],
  ['PATCH', 'malls/alpha/behaviour', { latency: 5 }, 400, 'latency'],
  ['GET', 'malls/nowhere/stats', undefined, 404, 'nowhere'],
  ['GET', 'unheard-of', undefined, 404, 'unheard-of'],
  ['GET', 'malls/alpha/truth?domainType=MEMBER&startDate=soon&endDate=later', undefined, 400, 'startDate'],
])('refuses %s %s %j', async (method, path, body, status, named) => {
  const answer = await ask(method, path, body);
  expect(answer.status).toBe(status);
  expect(answer.text).toContain(named);
});
