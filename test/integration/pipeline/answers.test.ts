import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/domain/clock.ts';
import type { FaultInput } from '../../../src/simulator/fault-schema.ts';
import { openPipeline, type PipelineMall, type Runner } from '../../support/pipeline.ts';
import { expectTruth } from '../../support/truth.ts';

const pipeline = await openPipeline();
const { db, simulator, addMall } = pipeline;
const { control } = simulator;

const MEMBERS = { membersPerDay: 100, shops: [{ shopNo: 1 }] };

function strike({ cafe24MallId }: PipelineMall, fault: FaultInput): void {
  control.addFault(cafe24MallId, { endpoint: 'customersprivacy', ...fault });
}

function countRetries({ heard }: Runner, { mallId }: PipelineMall): number {
  return heard.events.filter((event) => event.kind === 'retry' && event.mallId === mallId).length;
}

async function readTotals(name: string, labels: Readonly<Record<string, string>>): Promise<number> {
  const [row] = await db.query<{ value: number }>(
    'select coalesce(sum(value), 0)::float8 as value from mallsync.tb_metric_total where name = $1 and labels @> $2',
    [name, JSON.stringify(labels)],
  );
  return row?.value ?? 0;
}

describe('an answer that a repeat mends', () => {
  test.each([
    { kind: 'error-500', code: '500', pages: 1 },
    { kind: 'html-502', code: '502', pages: 1 },
    { kind: 'text-503', code: '503', pages: 1 },
    { kind: 'delayed-504', code: '504', pages: 2 },
    { kind: 'reset', code: 'reset', pages: 1 },
    { kind: 'cut-body', code: 'reset', pages: 1 },
    { kind: 'truncated-json', code: '200', pages: 2 },
    { kind: 'hang', code: 'timeout', pages: 2 },
  ] as const)('is repeated, with a smaller page where that may help: $kind', async ({ kind, code, pages }) => {
    const mall = await addMall(MEMBERS);
    const before = await readTotals('api_requests_total', { endpoint: 'customersprivacy', code });
    strike(mall, { kind, times: 1 });
    expect(await pipeline.run(mall)).toMatchObject({ status: 'COMPLETED', pages, inserted: 100, read: 100 });
    expect(countRetries(pipeline, mall)).toBe(1);
    const after = await readTotals('api_requests_total', { endpoint: 'customersprivacy', code });
    expect(after - before).toBeGreaterThanOrEqual(1);
    await expectTruth(pipeline, mall);
  });

  test('may come at any endpoint of any domain, again and again', async () => {
    const mall = await addMall({ membersPerDay: 60, ordersPerDay: 60 });
    const kinds = ['error-500', 'reset', 'truncated-json', 'text-503'] as const;
    const endpoints = ['shops', 'customersprivacy/count', 'orders', 'orders/count', 'reports/hourlysales'] as const;
    for (const [n, endpoint] of endpoints.entries()) {
      strike(mall, { endpoint, kind: kinds[n % kinds.length] ?? 'reset', times: 2 });
    }
    for (const domainType of ['MEMBER', 'ORDER', 'SALES'] as const) {
      expect(await pipeline.run(mall, { domainType, pageSize: 20 })).toMatchObject({ status: 'COMPLETED' });
      await expectTruth(pipeline, mall, domainType);
    }
  });
});

describe('an answer that does not get better', () => {
  test('leaves a `sync` live with 69 for the next process, which goes on at the checkpoint', async () => {
    const mall = await addMall(MEMBERS);
    strike(mall, { kind: 'text-503', afterCalls: 2 });
    const first = await pipeline.sync(mall, { pageSize: 20, attemptCount: 1 });
    expect(first).toMatchObject({ exitCode: 69, report: { failureReason: 'UpstreamUnavailable', status: 'RUNNING' } });
    const listed = (): number =>
      control.readStats(mall.cafe24MallId).endpoints['customersprivacy']?.byStatus['200'] ?? 0;
    const before = listed();
    control.clearFaults(mall.cafe24MallId);
    const second = await pipeline.sync(mall, { pageSize: 20, attemptCount: 1 });
    expect(second).toMatchObject({
      exitCode: 0,
      report: { status: 'COMPLETED', read: 100, pages: 5, attemptCount: 1 },
    });
    expect(listed() - before).toBe(3);
    await expectTruth(pipeline, mall);
  });

  test.each([
    { kind: 'scope-403', exitCode: 77, reason: 'PermissionDenied' },
    { kind: 'not-approved-403', exitCode: 77, reason: 'PermissionDenied' },
    { kind: 'uninstalled', exitCode: 77, reason: 'AppUninstalled' },
    { kind: 'not-found-404', exitCode: 65, reason: 'UpstreamContract' },
    { kind: 'invalid-422', exitCode: 65, reason: 'UpstreamContract' },
    { kind: 'wrong-shape', exitCode: 65, reason: 'UpstreamContract' },
  ] as const)('ends the execution with $exitCode and $reason after what was stored: $kind', async (ends) => {
    const mall = await addMall(MEMBERS);
    strike(mall, { kind: ends.kind, afterCalls: 2 });
    const { exitCode, report } = await pipeline.sync(mall, { pageSize: 20, attemptCount: 1 });
    expect({ exitCode, ...report }).toMatchObject({
      exitCode: ends.exitCode,
      status: 'FAILED',
      failureReason: ends.reason,
    });
    expect(countRetries(pipeline, mall)).toBe(0);
    const [failure] = await db.query(
      `select reason_code, status from mallsync.tb_batch_error_log where mall_id = $1 and row_key is null`,
      [mall.mallId],
    );
    expect(failure).toEqual({ reason_code: ends.reason, status: 'OPEN' });

    control.clearFaults(mall.cafe24MallId);
    const state = `update mallsync.tb_mall_credential set state = 'ACTIVE' where mall_id = $1`;
    await db.query(state, [mall.mallId]);
    expect(await pipeline.run(mall, { pageSize: 20 })).toMatchObject({ status: 'COMPLETED', attemptCount: 2 });
    await expectTruth(pipeline, mall);
  });

  test('of the statistics endpoint for want of a scope is no reason to guess figures from orders', async () => {
    const mall = await addMall({ ordersPerDay: 5, scopes: ['mall.read_store', 'mall.read_order'] });
    const { exitCode, report } = await pipeline.sync(mall, { domainType: 'SALES', attemptCount: 1 });
    expect({ exitCode, ...report }).toMatchObject({ exitCode: 77, failureReason: 'PermissionDenied', inserted: 0 });
  });
});

describe('401', () => {
  test.each(['expired-401', 'invalid-401'] as const)(
    '%s is answered by one refresh, and no retry is spent',
    async (kind) => {
      const mall = await addMall(MEMBERS);
      strike(mall, { kind, times: 1 });
      expect(await pipeline.run(mall)).toMatchObject({ status: 'COMPLETED', inserted: 100 });
      expect(countRetries(pipeline, mall)).toBe(0);
      expect(control.readStats(mall.cafe24MallId).tokenRequests).toBe(2);
    },
  );

  test('for tokens that run out in mid-run is mended without a trace', async () => {
    const mall = await addMall({ ...MEMBERS, behaviour: { latencyMs: 150 } });
    const running = pipeline.run(mall, { pageSize: 5 });
    const listed = (): number => control.readStats(mall.cafe24MallId).endpoints['customersprivacy']?.calls ?? 0;
    await expect.poll(listed, { timeout: 10_000, interval: 5 }).toBeGreaterThan(2);
    control.expireAccessTokens(mall.cafe24MallId);
    expect(await running).toMatchObject({ status: 'COMPLETED', inserted: 100 });
    expect(control.readStats(mall.cafe24MallId).tokenRequests).toBe(2);
  });

  test('for a fresh token too ends with 77', async () => {
    const mall = await addMall(MEMBERS);
    strike(mall, { kind: 'invalid-401' });
    const { exitCode, report } = await pipeline.sync(mall, { attemptCount: 1 });
    expect({ exitCode, ...report }).toMatchObject({ exitCode: 77, status: 'FAILED', failureReason: 'AuthFailed' });
    expect(control.readStats(mall.cafe24MallId).tokenRequests).toBe(2);
  });

  test('of a mall whose consent is gone ends with 77, marks the mall and is not asked again', async () => {
    const mall = await addMall(MEMBERS);
    control.revokeConsent(mall.cafe24MallId);
    const { exitCode, report } = await pipeline.sync(mall, { attemptCount: 1 });
    expect({ exitCode, ...report }).toMatchObject({ exitCode: 77, failureReason: 'AuthFailed' });
    const states = await db.query('select state from mallsync.tb_mall_credential where mall_id = $1', [mall.mallId]);
    expect(states).toEqual([{ state: 'NEEDS_CONSENT' }]);
    const { tokenRequests } = control.readStats(mall.cafe24MallId);
    expect(await pipeline.run(mall, { domainType: 'ORDER' })).toMatchObject({ failureReason: 'AuthFailed' });
    expect(control.readStats(mall.cafe24MallId).tokenRequests).toBe(tokenRequests);
  });
});

describe('429', () => {
  test(
    'of bucket and quota is waited for: shown as WAITING, counted, and no retry spent',
    { timeout: 60_000 },
    async () => {
      const runner = await pipeline.openRunner({ clock: systemClock, leaseSeconds: 2 });
      const [ofBucket, ofQuota] = [await addMall(MEMBERS), await addMall(MEMBERS)];
      strike(ofBucket, { kind: 'bucket-429', times: 3 });
      strike(ofQuota, { kind: 'usage-429', times: 1, remainSeconds: 5, afterCalls: 1 });
      const running = Promise.all([runner.run(ofBucket), runner.run(ofQuota, { pageSize: 50 })]);
      const readStatus = async (): Promise<unknown> =>
        (
          await db.query('select status from mallsync.tb_batch_execution_summary where mall_id = $1', [ofQuota.mallId])
        ).map(({ status }) => status);
      await expect.poll(readStatus, { timeout: 20_000, interval: 50 }).toEqual(['WAITING']);
      const [bucket, quota] = await running;
      expect([bucket.status, quota.status]).toEqual(['COMPLETED', 'COMPLETED']);
      expect(bucket.waitMs).toBeGreaterThanOrEqual(500 + 1_000 + 2_000 - 100);
      expect(quota.waitMs).toBeGreaterThanOrEqual(5_900);
      expect(countRetries(runner, ofBucket) + countRetries(runner, ofQuota)).toBe(0);
      expect(await readTotals('api_wait_seconds_total', { cause: 'quota' })).toBeGreaterThanOrEqual(5.9);
      expect(control.readStats(ofQuota.cafe24MallId).tooManyRequests).toBe(1);
      await expectTruth(pipeline, ofBucket);
      await expectTruth(pipeline, ofQuota);
      const events = runner.heard.events.filter(({ kind, mallId }) => kind === 'waiting' && mallId === ofQuota.mallId);
      expect(events[0]).toMatchObject({ isWaiting: true });
    },
  );
});
