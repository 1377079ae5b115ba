import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { parsePeriod } from '../../../src/domain/period.ts';
import { openMallApi } from '../../../src/adapters/cafe24/mall-api.ts';
import { NO_PACING } from '../../../src/adapters/cafe24/pacer.ts';
import { createPageSource } from '../../../src/adapters/cafe24/page-source.ts';
import { DEFAULT_TOKENS } from '../../../src/adapters/cafe24/token-keeper.ts';
import { createCipher } from '../../../src/adapters/postgres/cipher.ts';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { parseKeyRing } from '../../../src/adapters/postgres/key-ring.ts';
import { createMallImporter } from '../../../src/adapters/postgres/mall-import-store.ts';
import { parseMallImports } from '../../../src/adapters/postgres/mall-import.ts';
import { createRateBudget } from '../../../src/adapters/postgres/rate-budget.ts';
import { createTokenStore } from '../../../src/adapters/postgres/token-store.ts';
import { createTestSimulator, NEVER } from '../../support/cafe24-mall.ts';
import type { SimulatedApi, TestSimulator } from '../../support/cafe24-mall.ts';
import type { ProcessOrders, ProcessReport } from '../../support/cafe24-process.ts';
import { MEMBERS } from '../../support/cafe24-resources.ts';
import { createTestDatabase } from '../../support/database.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';

const PROCESSES = 8;
const DAY = { ...parsePeriod('2025-12-01T00:00:00', '2025-12-02T00:00:00'), shopNo: 1, dateType: 'join' };
const encryptionKeys = `test:${randomBytes(32).toString('base64')}`;
const cipher = createCipher(parseKeyRing(encryptionKeys));
const testDatabase = await createTestDatabase();
const started: ChildProcessWithoutNullStreams[] = [];
let database: Database;
let test: TestSimulator;

beforeAll(async () => {
  database = await testDatabase.open();
  test = await createTestSimulator();
});

afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
});

async function importMall(api: SimulatedApi, mallId: number): Promise<void> {
  const { clientId, clientSecret, refreshToken } = api.store.credential;
  const mall = { mallId, cafe24MallId: api.id, clientId, clientSecret, refreshToken };
  await createMallImporter({ pool: database.pool, cipher }).importMalls(parseMallImports([mall]), false);
}

async function startProcess(orders: ProcessOrders): Promise<{ go(): Promise<ProcessReport> }> {
  const file = fileURLToPath(new URL('../../support/cafe24-process.ts', import.meta.url));
  const child = spawn(process.execPath, [file, JSON.stringify(orders)]);
  started.push(child);
  child.stderr.pipe(process.stderr);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  expect(await lines.next()).toEqual({ done: false, value: 'ready' });
  return {
    async go() {
      child.stdin.write('go\n');
      const { value } = await lines.next();
      const [code] = await once(child, 'exit');
      expect(code).toBe(0);
      return JSON.parse(String(value));
    },
  };
}

it(`${PROCESSES} processes that need a token at once make one refresh, and together keep every limit`, async () => {
  const api = test.openApi({ behaviour: { latencyMs: 80, oldTokenDiesOnRefresh: true } });
  await importMall(api, 1);
  const orders: ProcessOrders = {
    databaseUrl: testDatabase.url,
    encryptionKeys,
    urlTemplate: test.simulator.cafe24Url,
    mallId: 1,
    cafe24MallId: api.id,
    pages: 2,
  };
  const processes = await Promise.all(Array.from({ length: PROCESSES }, () => startProcess(orders)));
  const reports = await Promise.all(processes.map((process) => process.go()));
  expect(reports.map((report) => report.generation)).toEqual(Array.from({ length: PROCESSES }, () => 1));
  expect(reports.map((report) => report.rows)).toEqual(Array.from({ length: PROCESSES }, () => 20));
  expect(reports.reduce((sum, report) => sum + report.refreshes, 0)).toBe(1);
  const stats = test.simulator.control.readStats(api.id);
  expect(stats.tokenRequests).toBe(1);
  expect(stats.tooManyRequests).toBe(0);
}, 60_000);

it('PostgreSQL dies while a refresh is under way and the pair is still stored', async () => {
  const api = test.openApi({ behaviour: { latencyMs: 400 } });
  await importMall(api, 2);
  const server = new URL(testDatabase.url);
  const proxy = await startTcpProxy(server.hostname, Number(server.port));
  onTestFinished(() => proxy.close());
  const way = new URL(testDatabase.url);
  way.host = `${proxy.host}:${proxy.port}`;
  const behindProxy = await testDatabase.open({ url: way.href });
  const rival = test.openApi(
    {},
    {
      mall: { mallId: 2, cafe24MallId: api.id },
      budget: createRateBudget({ pool: behindProxy.pool }),
      tokenStore: createTokenStore({ pool: behindProxy.pool, cipher }),
    },
  );

  const token = rival.tokens.current(NEVER);
  await expect.poll(() => test.simulator.control.readStats(api.id).tokenRequests).toBe(1);
  await proxy.cut();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const store = createTokenStore({ pool: database.pool, cipher });
  expect(await store.load(2)).toMatchObject({ generation: 0 });
  await proxy.mend();

  const { value, generation } = await token;
  expect(generation).toBe(1);
  expect(await store.load(2)).toMatchObject({ generation: 1, accessToken: value, state: 'ACTIVE' });
  expect(test.simulator.control.readStats(api.id).tokenRequests).toBe(1);
});

it('a mall without consent is tried once by a whole night', async () => {
  const api = test.openApi();
  await importMall(api, 4);
  const tokenStore = createTokenStore({ pool: database.pool, cipher });
  await tokenStore.markState(4, 0, 'NEEDS_CONSENT');
  test.simulator.control.revokeConsent(api.id);
  for (let execution = 0; execution < 4; execution++) {
    const nightly = openMallApi({
      ...api.dependencies,
      mall: { mallId: 4, cafe24MallId: api.id },
      budget: createRateBudget({ pool: database.pool }),
      tokenStore,
      tokenSettings: { ...DEFAULT_TOKENS, grantDoubtMs: 100 },
      retryLostConsent: true,
    });
    onTestFinished(() => nightly.close());
    await expect(nightly.tokens.current(NEVER)).rejects.toMatchObject({ reason: 'AuthFailed' });
  }
  expect(test.simulator.control.readStats(api.id).tokenRequests).toBe(2);
  expect(await tokenStore.load(4)).toMatchObject({ state: 'NEEDS_CONSENT' });
});

it('calls of another client in the same bucket are seen in the answers, and no call is refused', async () => {
  const api = test.openApi({ behaviour: { addressLimit: false, latencyMs: 30 } }, { pacer: NO_PACING });
  await importMall(api, 3);
  const dependencies = { mall: { shopNos: [1] }, resource: MEMBERS };
  const foreign = createPageSource({ client: api.client, ...dependencies });
  await Promise.all(Array.from({ length: 34 }, () => foreign.fetchPage(DAY, 0, 1, NEVER)));

  const paced = openMallApi({
    ...api.dependencies,
    mall: { mallId: 3, cafe24MallId: api.id },
    budget: createRateBudget({ pool: database.pool }),
    pacer: undefined,
  });
  onTestFinished(() => paced.close());
  const own = createPageSource({ client: paced.client, ...dependencies });
  const stop = new AbortController();
  let pages = 0;
  const readOn = async (): Promise<void> => {
    for (; !stop.signal.aborted; pages++) await own.fetchPage(DAY, 0, 1, stop.signal);
  };
  const readers = Array.from({ length: 4 }, () => readOn().catch((error: unknown) => error));
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  stop.abort();
  await Promise.all(readers);
  expect(pages).toBeGreaterThanOrEqual(9);
  expect(test.simulator.control.readStats(api.id).tooManyRequests).toBe(0);
});
