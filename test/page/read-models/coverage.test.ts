import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { loadCoverageCalendar } from '../../../src/adapters/postgres/read-models/coverage-calendar.ts';
import { createTestDatabase } from '../../support/database.ts';
import { addCoverage, addInstance, addMall, addReject, addRun, seoul, seoulMs } from './ledger-rows.ts';

const NOW_MS = seoulMs('2026-03-15T08:00');

const testDatabase = await createTestDatabase();
let database: Database;

beforeAll(async () => {
  database = await testDatabase.open({ poolSize: 3 });
  await addMall(testDatabase, 1, { created_at: seoul('2026-03-05T11:00') });
});

async function load(domainType: 'MEMBER' | 'ORDER' | 'SALES', month = '2026-03') {
  const calendar = await loadCoverageCalendar(database.pool, 1, domainType, month, NOW_MS);
  if (calendar === null) throw new Error('there is such a mall');
  return calendar;
}

async function loadDay(domainType: 'MEMBER' | 'ORDER' | 'SALES', day: string) {
  return (await load(domainType, day.slice(0, 7))).days.find((each) => each.day === day);
}

describe('coverage calendar', () => {
  it('is drawn from what is covered, in Seoul days, across the ends of the month', async () => {
    await addCoverage(
      testDatabase,
      1,
      'MEMBER',
      [
        ['2026-02-20', '2026-03-08'],
        ['2026-03-09T09:00', '2026-03-12'],
      ],
      [['2026-02-27', '2026-03-02']],
    );
    const { days, missingRanges, firstDay } = await load('MEMBER');
    expect(days).toHaveLength(31);
    expect(days[0]).toEqual({ day: '2026-03-01', state: 'rejects', openRejects: 0, executionIds: [] });
    expect(days.slice(1, 16).map(({ state }) => state)).toEqual([
      ...Array.from({ length: 6 }, () => 'complete'),
      'missing',
      'partial',
      'complete',
      'complete',
      'missing',
      'missing',
      'missing',
      'future',
      'future',
    ]);
    expect(missingRanges).toEqual([
      { startDate: '2026-03-08T00:00:00', endDate: '2026-03-10T00:00:00', days: 2 },
      { startDate: '2026-03-12T00:00:00', endDate: '2026-03-15T00:00:00', days: 3 },
    ]);
    expect(firstDay).toBe('2026-02-20');
    expect((await load('MEMBER', '2026-02')).days.map(({ state }) => state)).toEqual([
      ...Array.from({ length: 19 }, () => 'before'),
      ...Array.from({ length: 7 }, () => 'complete'),
      'rejects',
      'rejects',
    ]);
  });

  it('begins with the day the mall is known where nothing was read', async () => {
    const { days, missingRanges, firstDay } = await load('SALES');
    expect(days.slice(3, 6).map(({ state }) => state)).toEqual(['before', 'missing', 'missing']);
    expect(missingRanges).toEqual([{ startDate: '2026-03-05T00:00:00', endDate: '2026-03-15T00:00:00', days: 10 }]);
    expect(firstDay).toBe('2026-03-05');
  });

  it('counts the open rejected rows of the windows that touch a day', async () => {
    const asked = { mallId: 1, domainType: 'ORDER', days: ['2026-03-06', '2026-03-07'] } as const;
    await addReject(testDatabase, asked);
    await addReject(testDatabase, { ...asked, days: ['2026-03-05T12:00', '2026-03-06T12:00'] });
    await addReject(testDatabase, asked, { status: 'REPLAYED' });
    await addReject(testDatabase, asked, { row_key: null, shop_no: null });
    await addReject(testDatabase, { ...asked, domainType: 'MEMBER' });
    await addReject(testDatabase, { ...asked, mallId: 2 });
    expect(await Promise.all(['2026-03-05', '2026-03-06', '2026-03-07'].map((day) => loadDay('ORDER', day)))).toEqual([
      expect.objectContaining({ openRejects: 1 }),
      expect.objectContaining({ openRejects: 2 }),
      expect.objectContaining({ openRejects: 0 }),
    ]);
  });

  it('names the newest execution of each period that touches a day', async () => {
    const wide = await addInstance(testDatabase, {
      mallId: 1,
      domainType: 'SALES',
      days: ['2026-02-25', '2026-03-03'],
    });
    const narrow = await addInstance(testDatabase, {
      mallId: 1,
      domainType: 'SALES',
      days: ['2026-03-02', '2026-03-03'],
    });
    const other = await addInstance(testDatabase, {
      mallId: 1,
      domainType: 'ORDER',
      days: ['2026-03-02', '2026-03-03'],
    });
    await addRun(testDatabase, wide, { status: 'FAILED' });
    const narrowId = await addRun(testDatabase, narrow);
    const wideId = await addRun(testDatabase, wide);
    await addRun(testDatabase, other);
    expect(await loadDay('SALES', '2026-03-01')).toMatchObject({ executionIds: [wideId] });
    expect(await loadDay('SALES', '2026-03-02')).toMatchObject({ executionIds: [wideId, narrowId] });
    expect(await loadDay('SALES', '2026-03-03')).toMatchObject({ executionIds: [] });
    expect(await loadDay('SALES', '2026-02-25')).toMatchObject({ executionIds: [wideId] });
  });

  it('is null for a mall that there is not', async () => {
    expect(await loadCoverageCalendar(database.pool, 9, 'MEMBER', '2026-03', NOW_MS)).toBeNull();
  });

  it('refuses a malformed month by name', async () => {
    await expect(loadCoverageCalendar(database.pool, 1, 'MEMBER', "2026-03'--", NOW_MS)).rejects.toMatchObject({
      reason: 'ConfigInvalid',
      message: expect.stringMatching(/^month /),
    });
  });
});
