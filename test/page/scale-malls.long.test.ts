import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { loadCoverageCalendar } from '../../src/adapters/postgres/read-models/coverage-calendar.ts';
import { listMallBoard, loadMallBoard } from '../../src/adapters/postgres/read-models/mall-board.ts';
import { toMallCursor } from '../../src/adapters/postgres/read-models/mall-cursor.ts';
import { loadNowBoard } from '../../src/adapters/postgres/read-models/now-board.ts';
import { loadCandidates } from '../../src/adapters/postgres/read-models/rerun-candidates.ts';
import { MORNING_MS, openMillion } from '../support/million.ts';
import { recordStatements, type Ran } from '../support/query-plans.ts';

const planNode = z.looseObject({
  'Relation Name': z.string().optional(),
  'Index Name': z.string().optional(),
  'Index Cond': z.string().optional(),
  'Node Type': z.string(),
  get Plans() {
    return z.array(planNode).optional();
  },
});
type PlanNode = z.infer<typeof planNode>;

const explained = z.tuple([
  z.object({
    Plan: planNode.and(z.object({ 'Shared Hit Blocks': z.number(), 'Shared Read Blocks': z.number() })),
    'Execution Time': z.number(),
  }),
]);

/** What grows with the nights; the malls and what there is one of a mall may be walked through. */
const HISTORY = /^tb_(batch_|audit_)/;
/** Their predicate is the condition: what is live, failed or open is few, however long the history is. */
const PARTIAL_INDEXES = new Set([
  'tb_batch_execution_live',
  'tb_batch_execution_one_live',
  'tb_batch_execution_launching',
  'tb_batch_retry_request_open',
]);
/**
 * Pages of 8 KiB that a list may touch, and the preview of a re-run of all malls: the executions alone have 80,000. It
 * leaves room for a server that has not vacuumed yet and looks at rows which an index alone would tell of.
 */
const LIST_PAGES = 12_000;
const PREVIEW_PAGES = 60_000;

const million = await openMillion();
const target = { nowMs: MORNING_MS, targetHours: 30 };
let database: Database;
let client: Client;

beforeAll(async () => {
  database = await million.open();
  client = new Client({ connectionString: million.url });
  await client.connect();
  afterAll(() => client.end());
});

function listNodes(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(listNodes)];
}

function walksThroughHistory(node: PlanNode): boolean {
  const { 'Relation Name': relation, 'Index Name': index, 'Index Cond': condition } = node;
  if (node['Node Type'] === 'Seq Scan') return HISTORY.test(relation ?? '');
  return HISTORY.test(index ?? '') && condition === undefined && !PARTIAL_INDEXES.has(index ?? '');
}

interface Measured {
  readonly ms: number;
  readonly buffers: number;
  readonly walks: readonly string[];
}

/** The second of two runs, so that the server has the pages in memory. */
async function measure({ text, values }: Ran): Promise<Measured> {
  const explain = `explain (analyze, buffers, format json) ${text}`;
  await client.query(explain, [...values]);
  const { rows } = await client.query(explain, [...values]);
  const [{ Plan, 'Execution Time': ms }] = explained.parse((rows as Record<string, unknown>[])[0]?.['QUERY PLAN']);
  return {
    ms,
    buffers: Plan['Shared Hit Blocks'] + Plan['Shared Read Blocks'],
    walks: listNodes(Plan)
      .filter(walksThroughHistory)
      .map((node) => `${node['Node Type']} on ${node['Relation Name'] ?? node['Index Name']}`),
  };
}

async function findSlice(query: string): Promise<readonly number[]> {
  const { rows } = await client.query<{ id: string }>(query);
  return rows.map(({ id }) => Number(id));
}

describe('with 1,000 malls and 1,000,000 executions', () => {
  it.each<readonly [string, number, () => Promise<unknown>]>([
    ['the first malls', LIST_PAGES, () => listMallBoard(database.pool, { ...target, limit: 50 })],
    [
      '200 malls from the middle',
      LIST_PAGES,
      () => listMallBoard(database.pool, { ...target, limit: 200, cursor: toMallCursor(500) }),
    ],
    [
      'late malls',
      LIST_PAGES,
      () => listMallBoard(database.pool, { ...target, limit: 50, isLate: true, domainType: 'ORDER' }),
    ],
    ['malls by name', LIST_PAGES, () => listMallBoard(database.pool, { ...target, limit: 50, search: '가구' })],
    [
      'a search that finds none',
      LIST_PAGES,
      () => listMallBoard(database.pool, { ...target, limit: 50, search: 'zeppelin' }),
    ],
    [
      'malls without consent',
      LIST_PAGES,
      () => listMallBoard(database.pool, { ...target, limit: 50, state: 'NEEDS_CONSENT' }),
    ],
    ['one mall', LIST_PAGES, () => loadMallBoard(database.pool, 500, target)],
    ['a month of a mall', LIST_PAGES, () => loadCoverageCalendar(database.pool, 9, 'ORDER', '2025-10', MORNING_MS)],
    ['the first month', LIST_PAGES, () => loadCoverageCalendar(database.pool, 9, 'MEMBER', '2024-11', MORNING_MS)],
    ['what runs now', LIST_PAGES, () => loadNowBoard(database.pool)],
    [
      'a re-run of 500 failed executions',
      PREVIEW_PAGES,
      async () =>
        loadCandidates(database.pool, {
          executionIds: await findSlice(`select execution_id as id from mallsync.tb_batch_execution_summary
            where status = 'FAILED' order by execution_id desc limit 500`),
        }),
    ],
    [
      'a re-run of one night',
      PREVIEW_PAGES,
      () =>
        loadCandidates(database.pool, {
          domainType: 'ORDER',
          startDate: '2025-11-28T00:00:00',
          endDate: '2025-12-01T00:00:00',
          mallIds: 'active',
        }),
    ],
    [
      'a new period of all malls',
      PREVIEW_PAGES,
      () =>
        loadCandidates(database.pool, {
          domainType: 'MEMBER',
          startDate: '2024-01-01T00:00:00',
          endDate: '2024-12-31T23:59:59',
          mallIds: 'active',
        }),
    ],
  ])('%s: no history is walked through', async (name, mostPages, work) => {
    await work();
    const beganAt = performance.now();
    const statements = await recordStatements(async () => void (await work()));
    const totalMs = performance.now() - beganAt;
    const all: Measured[] = [];
    for (const ran of statements.filter(({ text }) => !text.includes(' as id from '))) all.push(await measure(ran));
    const figures = all.map(({ ms, buffers }) => `${ms.toFixed(1)} ms ${buffers} pages`).join(', ');
    // oxlint-disable-next-line no-console -- the figures are what this test is run for
    console.log(`${name}: ${totalMs.toFixed(0)} ms in all; ${figures}`);
    expect(all.length).toBeGreaterThan(0);
    expect(all.flatMap(({ walks }) => walks)).toEqual([]);
    expect(Math.max(...all.map(({ buffers }) => buffers))).toBeLessThan(mostPages);
  });
});
