import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { loadFleetGauges } from '../../../src/adapters/postgres/fleet-gauges.ts';
import {
  listMallBoard,
  loadMallBoard,
  type MallBoardFilter,
} from '../../../src/adapters/postgres/read-models/mall-board.ts';
import { loadMallNames } from '../../../src/adapters/postgres/read-models/mall-lookup.ts';
import { createTestDatabase } from '../../support/database.ts';
import { addCoverage, addCredential, addInstance, addMall, addReject, addRun, seoul, seoulMs } from './ledger-rows.ts';

const NOW_MS = seoulMs('2026-03-15T08:00');
const target = { nowMs: NOW_MS, targetHours: 30 };

const testDatabase = await createTestDatabase();
let database: Database;

beforeAll(async () => {
  database = await testDatabase.open({ poolSize: 3 });
  await addMall(testDatabase, 1, { name: 'Seoul Mugs', labels: { tier: 'gold' } });
  await addMall(testDatabase, 2, { name: '백자 100%', domain_types: ['MEMBER', 'ORDER'] });
  await addMall(testDatabase, 3, { name: 'New one', created_at: seoul('2026-03-15T07:00'), domain_types: ['SALES'] });
  await addMall(testDatabase, 4, { name: 'Never read', domain_types: ['SALES'] });
  await addMall(testDatabase, 5, { name: 'Left', active: false });
  await addCredential(testDatabase, 1, {
    refresh_expires_at: seoul('2026-03-18T07:59'),
    last_refreshed_at: seoul('2026-03-15T02:00'),
  });
  await addCredential(testDatabase, 2, { state: 'NEEDS_CONSENT', refresh_expires_at: seoul('2026-03-14') });
  await addCredential(testDatabase, 3, { state: 'UNINSTALLED' });
  await addCredential(testDatabase, 5, { state: 'NEEDS_CONSENT' });
  await addCoverage(testDatabase, 1, 'MEMBER', [['2026-02-01', '2026-03-15']]);
  await addCoverage(testDatabase, 1, 'ORDER', [
    ['2026-02-01', '2026-03-10'],
    ['2026-03-12', '2026-03-14T02:00'],
  ]);
  await addCoverage(testDatabase, 1, 'SALES', [['2026-02-01', '2026-03-14T01:59']]);
  await addCoverage(testDatabase, 2, 'MEMBER', [['2026-02-01', '2026-03-01']]);
  await addCoverage(testDatabase, 2, 'ORDER', [['2026-02-01', '2026-03-15']]);
  await addCoverage(testDatabase, 5, 'MEMBER', [['2026-01-01', '2026-01-02']]);
});

async function list(filter: MallBoardFilter = {}) {
  return await listMallBoard(database.pool, { ...filter, ...target, limit: 50 });
}

async function listIds(filter: MallBoardFilter): Promise<readonly number[]> {
  return (await list(filter)).rows.map(({ mallId }) => mallId);
}

describe('freshness of a mall', () => {
  it('is the age of the end of what is covered, late above the target', async () => {
    const [mall] = (await list()).rows;
    expect(mall?.freshness).toEqual([
      { domainType: 'MEMBER', lastCompleteEndMs: seoulMs('2026-03-15'), ageHours: 8, isLate: false, openRejects: 0 },
      {
        domainType: 'ORDER',
        lastCompleteEndMs: seoulMs('2026-03-14T02:00'),
        ageHours: 30,
        isLate: false,
        openRejects: 0,
      },
      expect.objectContaining({ domainType: 'SALES', isLate: true }),
    ]);
  });

  it('is what the gauge of the last complete period says', async () => {
    const gauges = await loadFleetGauges(database.pool, {
      nowMs: NOW_MS,
      nightDeadline: '07:00',
      freshnessTargetHours: 30,
      hasMallSeries: true,
    });
    const { rows } = await list({ active: true });
    const shown = rows.flatMap(({ mallId, freshness }) =>
      freshness
        .filter(({ lastCompleteEndMs }) => lastCompleteEndMs !== null)
        .map(({ domainType, lastCompleteEndMs }) => [`${mallId} ${domainType}`, lastCompleteEndMs]),
    );
    const gauged = gauges.mall_last_complete_period_end_timestamp_seconds.map(({ labels, value }) => [
      `${labels['mall_id']} ${labels['domain']}`,
      value * 1000,
    ]);
    expect(shown).toHaveLength(5);
    expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(gauged));
  });

  it('is judged by the age of the mall where nothing was ever read', async () => {
    const { rows } = await list();
    const never = { lastCompleteEndMs: null, ageHours: null, openRejects: 0, domainType: 'SALES' };
    expect(rows[2]?.freshness).toEqual([{ ...never, isLate: false }]);
    expect(rows[3]?.freshness).toEqual([{ ...never, isLate: true }]);
  });

  it('is never late for an inactive mall', async () => {
    const mall = await loadMallBoard(database.pool, 5, target);
    expect(mall?.freshness.map(({ isLate }) => isLate)).toEqual([false, false, false]);
    expect(mall?.freshness[0]?.lastCompleteEndMs).toBe(seoulMs('2026-01-02'));
  });
});

describe('credential of a mall', () => {
  it('counts whole days until its refresh token ends', async () => {
    const { rows } = await list();
    expect(rows.map(({ credential }) => credential)).toEqual([
      {
        state: 'ACTIVE',
        daysLeft: 2,
        refreshExpiresAtMs: seoulMs('2026-03-18T07:59'),
        lastRefreshedAtMs: seoulMs('2026-03-15T02:00'),
      },
      expect.objectContaining({ state: 'NEEDS_CONSENT', daysLeft: 0 }),
      expect.objectContaining({ state: 'UNINSTALLED', daysLeft: null, refreshExpiresAtMs: null }),
      null,
      expect.objectContaining({ state: 'NEEDS_CONSENT' }),
    ]);
  });
});

describe('list of malls', () => {
  it('narrows by what is asked for', async () => {
    expect(await listIds({ state: 'NEEDS_CONSENT' })).toEqual([2, 5]);
    expect(await listIds({ state: 'NO_CREDENTIAL' })).toEqual([4]);
    expect(await listIds({ active: false })).toEqual([5]);
    expect(await listIds({ domainType: 'ORDER' })).toEqual([1, 2, 5]);
    expect(await listIds({ isLate: true })).toEqual([1, 2, 4]);
    expect(await listIds({ isLate: false })).toEqual([3, 5]);
    expect(await listIds({ isLate: true, active: true, state: 'NO_CREDENTIAL' })).toEqual([4]);
    expect(await listIds({ labels: { tier: 'gold' } })).toEqual([1]);
  });

  it('judges lateness by the domain type that it is narrowed to', async () => {
    expect(await listIds({ domainType: 'MEMBER', isLate: true })).toEqual([2]);
    expect(await listIds({ domainType: 'SALES', isLate: true })).toEqual([1, 4]);
    expect(await listIds({ domainType: 'ORDER', isLate: false })).toEqual([1, 2, 5]);
  });

  it.each([
    ['mugs', [1]],
    ['SEOUL', [1]],
    ['백자', [2]],
    ['SHOP-4', [4]],
    ['  3 ', [3]],
    ['%', [2]],
    ['_', []],
    ["' or true --", []],
  ])('finds %j in names, ids and numbers, letter by letter', async (search, mallIds) => {
    expect(await listIds({ search })).toEqual(mallIds);
  });

  it('takes a search of blanks for none', async () => {
    expect(await listIds({ search: '  ' })).toHaveLength(5);
  });

  it('counts over all malls beside those that fit', async () => {
    const totals = {
      malls: 5,
      active: 4,
      inactive: 1,
      late: 3,
      needsConsent: 1,
      uninstalled: 1,
      noCredential: 1,
    };
    expect((await list()).totals).toEqual({ ...totals, matching: 5 });
    const narrowed = await list({ state: 'UNINSTALLED' });
    expect(narrowed.totals).toEqual({ ...totals, matching: 1 });
    expect((await list({ search: 'nobody' })).totals).toEqual({ ...totals, matching: 0 });
  });

  it('is walked page by page, each mall once', async () => {
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await listMallBoard(database.pool, { ...target, limit: 2, cursor });
      expect(page.rows.length).toBeLessThanOrEqual(2);
      seen.push(...page.rows.map(({ mallId }) => mallId));
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual([1, 2, 3, 4, 5]);
  });

  it.each(['', 'm2', 'bTA', 'bS0x', 'bTI=', "'; drop table", 'bTk5OTk5OTk5OTk5OTk5OTk5OQ'])(
    'refuses a cursor that no page gave: %j',
    async (cursor) => {
      await expect(listMallBoard(database.pool, { ...target, limit: 2, cursor })).rejects.toMatchObject({
        reason: 'ConfigInvalid',
        message: expect.stringMatching(/^cursor /),
      });
    },
  );
});

describe('what a mall is told of besides', () => {
  it('counts the rejected rows that are open, by domain type', async () => {
    const asked = { mallId: 4, domainType: 'SALES', days: ['2026-03-01', '2026-03-02'] } as const;
    await addReject(testDatabase, asked);
    await addReject(testDatabase, asked);
    await addReject(testDatabase, asked, { status: 'REPLAYED' });
    await addReject(testDatabase, asked, { status: 'IGNORED' });
    await addReject(testDatabase, asked, { row_key: null, shop_no: null });
    await addReject(testDatabase, { ...asked, domainType: 'MEMBER' });
    const mall = await loadMallBoard(database.pool, 4, target);
    expect(mall?.freshness).toMatchObject([{ domainType: 'SALES', openRejects: 2 }]);
  });

  it('names the newest failure, and whether a later execution took it up', async () => {
    const days = ['2026-03-13', '2026-03-14'] as const;
    const instanceId = await addInstance(testDatabase, { mallId: 2, days });
    await addRun(testDatabase, instanceId, { status: 'FAILED', failure_reason: 'Lost' });
    const failedId = await addRun(testDatabase, instanceId, {
      status: 'FAILED',
      failure_reason: 'AuthFailed',
      ended_at: seoul('2026-03-14T03:00'),
    });
    await addRun(testDatabase, instanceId, { mode: 'REPLAY' });
    const failure = { executionId: failedId, reason: 'AuthFailed', atMs: seoulMs('2026-03-14T03:00') };
    expect((await loadMallBoard(database.pool, 2, target))?.lastFailure).toEqual({ ...failure, isMended: false });
    await addRun(testDatabase, instanceId, { status: 'RUNNING' });
    expect((await loadMallBoard(database.pool, 2, target))?.lastFailure).toEqual({ ...failure, isMended: true });
    expect((await loadMallBoard(database.pool, 1, target))?.lastFailure).toBeNull();
  });

  it('shows its newest executions over all domain types', async () => {
    const ids: number[] = [];
    for (const domainType of ['MEMBER', 'SALES', 'ORDER', 'MEMBER']) {
      const days = [`2026-02-0${ids.length + 1}`, `2026-02-0${ids.length + 2}`] as const;
      ids.unshift(await addRun(testDatabase, await addInstance(testDatabase, { mallId: 3, domainType, days })));
    }
    const mall = await loadMallBoard(database.pool, 3, target, 3);
    expect(mall?.recentRuns.map(({ executionId }) => executionId)).toEqual(ids.slice(0, 3));
  });

  it('is null where there is no such mall', async () => {
    expect(await loadMallBoard(database.pool, 99, target)).toBeNull();
  });
});

describe('names of malls', () => {
  it('are found by id, unknown ids left out', async () => {
    const names = await loadMallNames(database.pool, [2, 99, 2, 5]);
    expect([...names.values()]).toEqual([
      { mallId: 2, name: '백자 100%', cafe24MallId: 'shop-2', active: true },
      { mallId: 5, name: 'Left', cafe24MallId: 'shop-5', active: false },
    ]);
  });
});
