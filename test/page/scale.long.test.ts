import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { listAudit } from '../../src/adapters/postgres/read-models/audit-list.ts';
import { loadNightPicture } from '../../src/adapters/postgres/read-models/night-picture.ts';
import { listClicks, loadClick } from '../../src/adapters/postgres/read-models/request-list.ts';
import { toCursorText, type RunSort } from '../../src/adapters/postgres/read-models/run-cursor.ts';
import { loadRun } from '../../src/adapters/postgres/read-models/run-detail.ts';
import { listRunIds, listRuns, type RunFilter } from '../../src/adapters/postgres/read-models/run-list.ts';
import { MORNING_MS, openMillion } from '../support/million.ts';
import { openStatementCosts, type ListCost } from '../support/statement-cost.ts';

/**
 * Pages of 8 KiB that a list may look at, each time that it does. Most are met again and again: whether a failure was
 * taken up is looked up for each in an index of 150 pages. The executions alone have 80,000.
 */
const MOST_PAGES = 50_000;

const million = await openMillion();
const measure = await openStatementCosts(million.url);
let database: Database;
const report: (readonly [string, number, number, number])[] = [];

beforeAll(async () => {
  database = await million.open();
});

afterAll(() => {
  const lines = report
    .toSorted((a, b) => b[1] - a[1])
    .map(
      ([name, ms, pages, statements]) =>
        `${ms.toFixed(1).padStart(8)} ${String(pages).padStart(7)} ${String(statements).padStart(3)}  ${name}`,
    );
  console.info(['      ms   pages  statements', ...lines].join('\n'));
});

async function weigh(name: string, work: () => Promise<unknown>): Promise<Pick<ListCost, 'pages' | 'scanned'>> {
  const { statements, pages, scanned, ms } = await measure(work);
  report.push([name, ms, pages, statements]);
  return { pages, scanned };
}

const CHEAP = { pages: expect.toSatisfy((pages: number) => pages < MOST_PAGES) as unknown, scanned: [] };

const seoulMs = (time: string): number => Date.parse(`${time}+09:00`);

const FILTERS: Readonly<Record<string, RunFilter>> = {
  'all runs': {},
  'one status': { statuses: ['FAILED'] },
  'a rare status': { statuses: ['ABANDONED'] },
  completed: { statuses: ['COMPLETED'] },
  'with rejects': { statuses: ['COMPLETED_WITH_REJECTS'] },
  'live ones': { statuses: ['REQUESTED', 'RUNNING', 'WAITING'] },
  'live and failed': { statuses: ['RUNNING', 'FAILED'] },
  unmended: { unmended: true },
  'unmended of a domain': { unmended: true, domainTypes: ['SALES'] },
  'a domain': { domainTypes: ['SALES'] },
  'a mall': { mallIds: [417] },
  'three malls': { mallIds: [3, 417, 900] },
  '300 malls': { mallIds: Array.from({ length: 300 }, (_, index) => 3 * index + 1) },
  'a reason': { reasons: ['AuthFailed'] },
  'a reason of long ago': { reasons: ['QuotaExceeded'] },
  're-runs': { triggers: ['RERUN'] },
  'by hand': { triggers: ['MANUAL'] },
  'back-fills': { triggers: ['BACKFILL'] },
  'a trigger of long ago': { triggers: ['LOCAL'] },
  nightly: { triggers: ['NIGHTLY'] },
  'a MallSync': { mallSync: 'nightly-order-20250301' },
  'some MallSyncs': { mallSync: 'rerun-' },
  'most MallSyncs': { mallSync: 'nightly-' },
  'the last night': { night: '2025-11-30' },
  'a night of long ago': { night: '2024-11-20' },
  'a recent day': { period: { startDate: '2025-11-30T00:00:00', endDate: '2025-11-30T23:59:59' } },
  'a day of long ago': { period: { startDate: '2024-12-01T00:00:00', endDate: '2024-12-01T23:59:59' } },
  'a month of long ago': { period: { startDate: '2024-12-01T00:00:00', endDate: '2025-01-01T00:00:00' } },
  'a year': { period: { startDate: '2024-11-01T00:00:00', endDate: '2025-11-01T00:00:00' } },
  'since a day': { period: { startDate: '2025-06-01T00:00:00' } },
  'failures of a month': {
    statuses: ['FAILED'],
    period: { startDate: '2025-03-01T00:00:00', endDate: '2025-04-01T00:00:00' },
  },
  'a domain in a month': {
    domainTypes: ['SALES'],
    period: { startDate: '2025-03-01T00:00:00', endDate: '2025-04-01T00:00:00' },
  },
  'asked for in a day': {
    requestedFromMs: seoulMs('2025-05-05T00:00:00'),
    requestedUntilMs: seoulMs('2025-05-06T00:00:00'),
  },
  'asked for in a season': {
    requestedFromMs: seoulMs('2025-03-01T00:00:00'),
    requestedUntilMs: seoulMs('2025-06-01T00:00:00'),
  },
  'asked for since last night': { requestedFromMs: seoulMs('2025-12-01T00:00:00') },
  'an execution by number': { search: '765432' },
  'a mall by its name': { search: '하늘 상점 417' },
  'a part of many names': { search: '상점' },
  'a Job': { search: 'ms-order-417-20250301t000000-1' },
  'a MallSync by its beginning': { search: 'nightly-order-2025030' },
  'most MallSyncs by their beginning': { search: 'nightly' },
  'a reason by its word': { search: 'authfailed' },
  'a rare word': { search: 'zeppelin' },
  'a frequent word': { search: 'answered' },
  'no word of any': { search: 'nowhere at all' },
  'a word in a domain of a night': { search: 'answered', domainTypes: ['ORDER'], night: '2025-11-30' },
};

const MIDDLE_ID = 500_000;
const MIDDLE_MICROSECONDS = seoulMs('2025-05-15T00:02:00') * 1_000;
const MIDDLES: Readonly<Record<RunSort, readonly number[]>> = {
  newest: [-MIDDLE_MICROSECONDS, -MIDDLE_ID],
  failedFirst: [3, -MIDDLE_MICROSECONDS, -MIDDLE_ID],
  duration: [-7_000, -MIDDLE_ID],
  rows: [-600, -MIDDLE_ID],
  mall: [500, -MIDDLE_ID],
};
const SORTS = Object.keys(MIDDLES) as readonly RunSort[];

describe.each(SORTS)('runs by %s', (sort) => {
  it.each(Object.entries(FILTERS))('%s', async (name, filter) => {
    expect(await weigh(`${sort}: ${name}`, () => listRuns(database.pool, filter, { sort, limit: 50 }))).toEqual(CHEAP);
  });

  it.each(Object.entries(FILTERS))('%s, from the middle on', async (name, filter) => {
    const cursor = toCursorText({ sort, side: 'next', place: [...MIDDLES[sort]] });
    expect(
      await weigh(`${sort}: ${name}, on`, () => listRuns(database.pool, filter, { sort, limit: 50, cursor })),
    ).toEqual(CHEAP);
  });

  it.each(Object.entries(FILTERS))('%s, from the middle back', async (name, filter) => {
    const cursor = toCursorText({ sort, side: 'previous', place: [...MIDDLES[sort]] });
    expect(
      await weigh(`${sort}: ${name}, back`, () => listRuns(database.pool, filter, { sort, limit: 50, cursor })),
    ).toEqual(CHEAP);
  });
});

describe('all that match', () => {
  it.each(Object.entries(FILTERS))('%s', async (name, filter) => {
    expect(await weigh(`ids: ${name}`, () => listRunIds(database.pool, filter, 5_000))).toEqual(CHEAP);
  });
});

describe('other lists', () => {
  it.each([undefined, '2025-11-30', '2025-05-01', '2024-10-27'])('the night %s', async (night) => {
    const query = { nowMs: MORNING_MS, deadline: '07:00', ...(night !== undefined && { night }) };
    expect(await weigh(`night: ${night}`, () => loadNightPicture(database.pool, query))).toEqual(CHEAP);
  });

  it('one run, failed and run again', async () => {
    const [failed] = await listRunIds(database.pool, { statuses: ['FAILED'] }, 1);
    expect(await weigh('one run', () => loadRun(database.pool, failed ?? 0))).toEqual(CHEAP);
  });

  it.each([
    ['clicks', {}],
    ['open clicks', { states: ['PENDING', 'ACCEPTED'] as const }],
    ['refused clicks', { states: ['REFUSED'] as const }],
    ['done clicks', { states: ['DONE'] as const }],
    ['clicks from the middle', { beforeId: 10_000 }],
  ])('%s', async (name, query) => {
    expect(await weigh(name, () => listClicks(database.pool, { ...query, limit: 50 }))).toEqual(CHEAP);
  });

  it('one click', async () => {
    expect(await weigh('one click', () => loadClick(database.pool, 'click-133'))).toEqual(CHEAP);
  });

  it.each([
    ['acts', {}],
    ['acts of one', { actor: 'kim' }],
    ['acts of nobody', { actor: 'nobody' }],
    ['rare acts', { action: 'keys rotate' }],
    ['frequent acts', { action: 'rerun' }],
    ['acts on a mall', { target: 'mall 417' }],
    ['acts on malls', { target: 'mall' }],
    ['acts of a day', { fromMs: seoulMs('2025-05-05T00:00:00'), untilMs: seoulMs('2025-05-06T00:00:00') }],
    ['acts of one before a day', { actor: 'lee', untilMs: seoulMs('2025-01-06T00:00:00') }],
    ['rare acts of one', { actor: 'lee', action: 'keys rotate' }],
    ['acts from the middle', { beforeId: 150_000 }],
  ])('%s', async (name, query) => {
    expect(await weigh(name, () => listAudit(database.pool, { ...query, limit: 100 }))).toEqual(CHEAP);
  });
});
