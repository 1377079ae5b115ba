import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { listMallBoard } from '../../../src/adapters/postgres/read-models/mall-board.ts';
import { createTestDatabase } from '../../support/database.ts';
import {
  addBudget,
  addCoverage,
  addCredential,
  addMall,
  addReject,
  seoul,
  seoulMs,
} from '../../page/read-models/ledger-rows.ts';
import { familyOf, scrapeFleet } from './fleet-series.ts';

const testDatabase = await createTestDatabase();
let database: Database;
const NOW_MS = seoulMs('2026-03-15T08:00');

beforeAll(async () => {
  database = await testDatabase.open({ poolSize: 3 });
});

beforeEach(async () => {
  await testDatabase.query('truncate mallsync.tb_mall_config, mallsync.tb_coverage, mallsync.tb_rate_budget cascade');
});

describe('stale malls', () => {
  beforeEach(async () => {
    for (const mallId of [1, 2, 3]) await addMall(testDatabase, mallId, { domain_types: ['MEMBER', 'ORDER'] });
    await addMall(testDatabase, 4, { domain_types: ['ORDER'], created_at: seoul('2026-03-15T01:00') });
    await addMall(testDatabase, 5, { active: false });
    for (const mallId of [1, 2]) await addCoverage(testDatabase, mallId, 'MEMBER', [['2026-02-01', '2026-03-15']]);
    await addCoverage(testDatabase, 3, 'MEMBER', [['2026-02-01', '2026-03-13']]);
    await addCoverage(testDatabase, 1, 'ORDER', [['2026-02-01', '2026-03-14T02:00']]);
    await addCoverage(testDatabase, 2, 'ORDER', [['2026-02-01', '2026-03-14T01:59']]);
  });

  it('are those whose last complete period ended longer ago than the target, or that were never read since', async () => {
    const series = await scrapeFleet(database, NOW_MS);
    expect(familyOf(series, 'stale_malls')).toEqual({ '{domain="MEMBER"}': 1, '{domain="ORDER"}': 2 });
    expect(series.get('mallsync_freshness_target_seconds')).toBe(30 * 3_600);
    const patient = await scrapeFleet(database, NOW_MS, { freshnessTargetHours: 72 });
    expect(familyOf(patient, 'stale_malls')).toEqual({ '{domain="ORDER"}': 1 });
  });

  it('are those that the page calls late', async () => {
    const series = await scrapeFleet(database, NOW_MS);
    for (const domainType of ['MEMBER', 'ORDER', 'SALES'] as const) {
      const late = { domainType, isLate: true, nowMs: NOW_MS, targetHours: 30, limit: 100 };
      const { rows } = await listMallBoard(database.pool, late);
      expect(series.get(`mallsync_stale_malls{domain="${domainType}"}`)).toBe(rows.length);
    }
  });
});

it('counts consents that run out within three days, and none that are lost, far off or of a mall that is switched off', async () => {
  const consents: readonly (readonly [string, Record<string, unknown>, Record<string, unknown>?])[] = [
    ['over', { refresh_expires_at: seoul('2026-03-15T07:00') }],
    ['soon', { refresh_expires_at: seoul('2026-03-18T07:59') }],
    ['later', { refresh_expires_at: seoul('2026-03-18T08:00') }],
    ['lost', { refresh_expires_at: seoul('2026-03-16'), state: 'NEEDS_CONSENT' }],
    ['switched off', { refresh_expires_at: seoul('2026-03-16') }, { active: false }],
    ['unknown', { refresh_expires_at: null }],
  ];
  for (const [index, [name, values, mall = {}]] of consents.entries()) {
    await addMall(testDatabase, index + 1, { name, ...mall });
    await addCredential(testDatabase, index + 1, values);
  }
  await addMall(testDatabase, 99);
  const series = await scrapeFleet(database, NOW_MS);
  expect(series.get('mallsync_consents_expiring_malls')).toBe(2);
  expect(familyOf(series, 'malls')).toEqual({
    '{state="active"}': 4,
    '{state="needs_consent"}': 1,
    '{state="inactive"}': 1,
    '{state="no_credential"}': 1,
  });
});

it('counts a mall whose calls are blocked once, and no longer when the block is over', async () => {
  for (const mallId of [1, 2, 3]) await addMall(testDatabase, mallId);
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const before = new Date(Date.now() - 1_000).toISOString();
  await addBudget(testDatabase, 1, '*', { blocked_until: later });
  await addBudget(testDatabase, 1, 'orders', { blocked_until: later });
  await addBudget(testDatabase, 2, 'orders', { blocked_until: before });
  await addBudget(testDatabase, 3, '*');
  expect((await scrapeFleet(database, NOW_MS)).get('mallsync_budget_blocked_malls')).toBe(1);
});

it('tells what the database has to give', async () => {
  const series = await scrapeFleet(database, NOW_MS);
  const [limits] = await testDatabase.query<{ most: number; size: number }>(
    `select current_setting('max_connections')::int as most, pg_database_size(current_database())::float8 as size`,
  );
  expect(series.get('mallsync_database_connections')).toBeGreaterThan(1);
  const limit = series.get('mallsync_database_connections_limit') ?? 0;
  expect(limit).toBeGreaterThan(0);
  expect(limit).toBeLessThan(limits?.most ?? 0);
  expect((series.get('mallsync_database_size_bytes') ?? 0) / (limits?.size ?? 1)).toBeCloseTo(1, 1);
});

it('counts rejected rows that are open', async () => {
  await addMall(testDatabase, 1);
  for (const status of ['OPEN', 'OPEN', 'IGNORED', 'REPLAYED']) {
    await addReject(testDatabase, { mallId: 1, days: ['2026-03-14', '2026-03-15'] }, { status });
  }
  expect(familyOf(await scrapeFleet(database, NOW_MS), 'rejected_rows_open')).toEqual({ '{domain="MEMBER"}': 2 });
});
