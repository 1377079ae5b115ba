import { expect, onTestFinished, test } from 'vitest';
import { createCipher } from '../../../src/adapters/postgres/cipher.ts';
import { parseKeyRing } from '../../../src/adapters/postgres/key-ring.ts';
import { createTokenStore } from '../../../src/adapters/postgres/token-store.ts';
import { systemClock } from '../../../src/domain/clock.ts';
import { openPipeline, type PipelineMall } from '../../support/pipeline.ts';
import { runProgram } from '../../support/program.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';
import { expectTruth } from '../../support/truth.ts';

const PROCESSES = 8;
const PATIENCE = { timeout: 10_000, interval: 10 };

const pipeline = await openPipeline();
const { db, simulator, addMall, run } = pipeline;
const { control } = simulator;
const { pool } = await db.open();
const tokens = createTokenStore({ pool, cipher: createCipher(parseKeyRing(pipeline.encryptionKeys)) });

function countTokenRequests({ cafe24MallId }: PipelineMall): number {
  return control.readStats(cafe24MallId).tokenRequests;
}

test(`${PROCESSES} processes of one mall that need a token at once make one refresh`, { timeout: 90_000 }, async () => {
  const mall = await addMall({ membersPerDay: 30, behaviour: { latencyMs: 300, oldTokenDiesOnRefresh: true } });
  const ends = await Promise.all(
    Array.from({ length: PROCESSES }, (_, n) => {
      const period = ['--start-date', `2025-12-0${n + 1}T00:00:00`, '--end-date', `2025-12-0${n + 2}T00:00:00`];
      const flags = ['--mall-id', String(mall.mallId), '--domain-type', 'MEMBER', '--json'];
      return runProgram(['sync', ...flags, ...period], pipeline.environment);
    }),
  );
  expect(ends.map(({ exitCode, stderr }) => (exitCode === 0 ? 0 : stderr))).toEqual(ends.map(() => 0));
  expect(countTokenRequests(mall)).toBe(1);
  expect(await tokens.load(mall.mallId)).toMatchObject({ generation: 1, state: 'ACTIVE' });
  const period = { startDate: '2025-12-01T00:00:00', endDate: '2025-12-09T00:00:00' };
  expect(await expectTruth(pipeline, mall, 'MEMBER', period)).toBe(30 * PROCESSES);
});

test('PostgreSQL dies during the call of a refresh: the pair is still stored, and the run goes on', async () => {
  const mall = await addMall({ membersPerDay: 30 });
  control.addFault(mall.cafe24MallId, { endpoint: 'token', kind: 'slow', latencyMs: 1_200, times: 1 });
  const server = new URL(db.url);
  const proxy = await startTcpProxy(server.hostname, Number(server.port));
  onTestFinished(() => proxy.close());
  const way = new URL(db.url);
  way.host = `${proxy.host}:${proxy.port}`;
  const runner = await pipeline.openRunner({ databaseUrl: way.href });
  const running = runner.run(mall);
  await expect.poll(() => countTokenRequests(mall), PATIENCE).toBe(1);
  await proxy.cut();
  await new Promise((resolve) => setTimeout(resolve, 1_600));
  expect(await tokens.load(mall.mallId)).toMatchObject({ generation: 0, accessToken: null });
  await proxy.mend();
  expect(await running).toMatchObject({ status: 'COMPLETED', inserted: 30 });
  expect(await tokens.load(mall.mallId)).toMatchObject({ generation: 1, state: 'ACTIVE' });
  expect(countTokenRequests(mall)).toBe(1);
  await expectTruth(pipeline, mall);
});

test('the lost answer of a refresh costs the consent, which is said with 77 and marked', async () => {
  const mall = await addMall({ membersPerDay: 30 });
  control.addFault(mall.cafe24MallId, { endpoint: 'token', kind: 'answer-lost', times: 1 });
  const { exitCode, report } = await pipeline.sync(mall, { attemptCount: 1 });
  expect({ exitCode, ...report }).toMatchObject({ exitCode: 77, status: 'FAILED', failureReason: 'AuthFailed' });
  expect(report.failureMessage).toMatch(/consent/);
  expect(await tokens.load(mall.mallId)).toMatchObject({ state: 'NEEDS_CONSENT', generation: 0 });
});

test('a token endpoint that is down for a while delays a run and loses nothing', async () => {
  const mall = await addMall({ membersPerDay: 30 });
  for (const kind of ['text-503', 'html-502', 'error-500'] as const) {
    control.addFault(mall.cafe24MallId, { endpoint: 'token', kind, times: 1 });
  }
  expect(await run(mall)).toMatchObject({ status: 'COMPLETED', inserted: 30 });
  expect(await tokens.load(mall.mallId)).toMatchObject({ state: 'ACTIVE', generation: 1 });
});

test('tokens are renewed before they run out, and kept while they are good', async () => {
  const mall = await addMall({ membersPerDay: 30, ordersPerDay: 10 });
  await run(mall);
  await run(mall, { domainType: 'ORDER' });
  expect(countTokenRequests(mall)).toBe(1);
  const soon = `update mallsync.tb_mall_credential set access_expires_at = now() + interval '4 minutes' where mall_id = $1`;
  await db.query(soon, [mall.mallId]);
  await run(mall, { domainType: 'SALES' });
  expect(countTokenRequests(mall)).toBe(2);
  expect(await tokens.load(mall.mallId)).toMatchObject({ generation: 2 });
});

test('a refresh token near its end is warned about, with the days that are left and nothing else', async () => {
  const mall = await addMall({ membersPerDay: 5, ordersPerDay: 5 });
  await run(mall);
  const warnings = (): unknown[] =>
    pipeline.heard.logs.filter(
      ({ method, fields }) => method === 'warn' && JSON.stringify(fields).includes(`"mallId":${mall.mallId},`),
    );
  expect(warnings()).toEqual([]);
  const near = `update mallsync.tb_mall_credential set refresh_expires_at = now() + interval '50 hours' where mall_id = $1`;
  await db.query(near, [mall.mallId]);
  expect(await run(mall, { domainType: 'ORDER' })).toMatchObject({ status: 'COMPLETED' });
  expect(warnings()).toContainEqual({
    method: 'warn',
    message: 'refresh token ends soon',
    fields: { executionId: expect.any(Number), mallId: mall.mallId, domainType: 'ORDER', daysLeft: 2 },
  });
});

test('an app that is gone from its mall ends with 77 and is marked, at the token endpoint too', async () => {
  const mall = await addMall({ membersPerDay: 5, behaviour: { installed: false } });
  const { exitCode, report } = await pipeline.sync(mall, { attemptCount: 1 });
  expect({ exitCode, ...report }).toMatchObject({ exitCode: 77, failureReason: 'AppUninstalled' });
  expect(await tokens.load(mall.mallId)).toMatchObject({ state: 'UNINSTALLED' });
});

test('calls stay within what Cafe24 grants a mall, and none is refused', { timeout: 60_000 }, async () => {
  const runner = await pipeline.openRunner({ clock: systemClock });
  await db.query('alter table mallsync.tb_rate_budget disable trigger open_budget');
  onTestFinished(async () => {
    await db.query('alter table mallsync.tb_rate_budget enable trigger open_budget');
  });
  const mall = await addMall({ membersPerDay: 60, ordersPerDay: 60, behaviour: { rateLimit: true } });
  const reports = await Promise.all(
    (['MEMBER', 'ORDER', 'SALES'] as const).map((domainType) => runner.run(mall, { domainType, pageSize: 8 })),
  );
  expect(reports.map(({ status }) => status)).toEqual(['COMPLETED', 'COMPLETED', 'COMPLETED']);
  const stats = control.readStats(mall.cafe24MallId);
  expect(stats.tooManyRequests).toBe(0);
  expect(stats.maxCallsPerSecond).toBeLessThanOrEqual(8);
  expect(reports.reduce((sum, { waitMs }) => sum + waitMs, 0)).toBeGreaterThan(0);
});
