import { expect, test } from 'vitest';
import { createLedger } from '../../../src/adapters/postgres/ledger.ts';
import { addTotals } from '../../../src/adapters/postgres/ledger-metric.ts';
import { inTransaction } from '../../../src/adapters/postgres/page-session.ts';
import { createTestDatabase } from '../../support/database.ts';
import {
  aPage,
  aRejectedRow,
  aRow,
  claimNew,
  createProbeTable,
  hashOf,
  probeStore,
} from '../../support/database-probe.ts';
import { parsePeriod } from '../../../src/domain/period.ts';

const db = await createTestDatabase();
await createProbeTable(db);

function hashCompare(a: string, b: string): number {
  return hashOf(a) < hashOf(b) ? -1 : 1;
}

const RUNS = 20;
const PAGES = 12;

async function totals() {
  const rows = await db.query<{ name: string; labels: Record<string, string>; value: number }>(
    'select name, labels, sum(value) as value from mallsync.tb_metric_total group by 1, 2',
  );
  return (name: string, labels: Record<string, string>) =>
    rows.find((row) => row.name === name && Object.entries(labels).every(([key, text]) => row.labels[key] === text))
      ?.value;
}

test('totals are exact after pages of twenty runs commit at once, sixteen shards apart or not', async () => {
  const database = await db.open({ writerConnections: 8, poolSize: 4 });
  const ledger = createLedger({ database, store: probeStore });
  await Promise.all(
    Array.from({ length: RUNS }, async () => {
      const execution = await claimNew(database);
      const { fromMs, untilMs } = execution.period;
      await ledger.saveWindows(execution, [{ fromMs, untilMs, shopNo: 1, dateType: 'join' }]);
      await ledger.openWindow(execution, 1, PAGES);
      for (let offset = 0; offset < PAGES; offset++) {
        await ledger.commitPage(execution, aPage([aRow(`1|${offset}`)], { offset, nextOffset: offset + 1 }));
      }
      await ledger.settleWindow(execution, 1, { state: 'COMPLETE', countAfter: PAGES, message: null });
      await ledger.settleExecution(execution);
    }),
  );
  const total = await totals();
  expect(total('rows_total', { domain: 'MEMBER', outcome: 'inserted' })).toBe(RUNS * PAGES);
  expect(total('api_requests_total', { endpoint: 'probes', code: '200' })).toBe(RUNS * PAGES);
  expect(total('api_wait_seconds_total', { cause: 'rate' })).toBe(RUNS * PAGES * 0.25);
  expect(total('runs_total', { domain: 'MEMBER', result: 'COMPLETED', reason: '' })).toBe(RUNS);
  expect(total('run_duration_seconds_count', { domain: 'MEMBER' })).toBe(RUNS);
  expect(total('run_duration_seconds_bucket', { domain: 'MEMBER', le: '+Inf' })).toBe(RUNS);
  expect(total('rows_total', { domain: 'MEMBER', outcome: 'updated' })).toBeUndefined();
});

const KEYS = Array.from({ length: 30 }, (_, index) => `1|${String(index).padStart(2, '0')}`);

const MANY_KEYS = Array.from({ length: 200 }, (_, index) => `1|${index}`);

type Page = Parameters<typeof aPage>;

/** Four runs of one mall over the same days at once, ten pages each; rejects when one of them meets a deadlock. */
async function runOverlapping(mallId: number, build: (run: number, page: number) => Page): Promise<void> {
  const database = await db.open({ writerConnections: 4, poolSize: 4 });
  const ledger = createLedger({ database, store: probeStore });
  await Promise.all(
    [1, 2, 3, 4].map(async (run) => {
      const period = parsePeriod(`2025-02-0${run}T00:00:00`, '2025-02-11T00:00:00');
      const execution = await claimNew(database, { mallId, period });
      const { fromMs, untilMs } = execution.period;
      await ledger.saveWindows(execution, [{ fromMs, untilMs, shopNo: 1, dateType: 'join' }]);
      await ledger.openWindow(execution, 1, 1);
      for (let page = 0; page < 10; page++) {
        const [rows, rest] = build(run, page);
        await ledger.commitPage(execution, aPage(rows, { ...rest, offset: page, nextOffset: page + 1 }));
      }
      await ledger.settleWindow(execution, 1, { state: 'COMPLETE_WITH_REJECTS', countAfter: 1, message: null });
      await ledger.settleExecution(execution);
    }),
  );
}

test('additions to one shard wait for each other at most, whatever order they come in', async () => {
  const database = await db.open({ writerConnections: 6 });
  const names = Array.from({ length: 300 }, (_, index) => `test_${index}_total`);
  await Promise.all(
    Array.from({ length: 120 }, (_, run) =>
      inTransaction(database, async (client) => {
        const order = names.toSorted((a, b) => hashCompare(`${a}${run}`, `${b}${run}`));
        const added = order.map((name) => ({ name, labels: { domain: 'MEMBER' }, value: 1 }));
        await addTotals(database, client, 16, added);
      }),
    ),
  );
  const total = await totals();
  expect(names.map((name) => total(name, { domain: 'MEMBER' }))).toEqual(names.map(() => 120));
});

test('overlapping periods of one mall run together without a deadlock', async () => {
  const runs = runOverlapping(900, (run, page) => {
    // what one run stores another one rejects, in another order each time
    const isBad = (index: number) => (index + page + run) % 3 === 0;
    const shuffled = KEYS.toSorted((a, b) => Number(a.slice(2)) * run - Number(b.slice(2)) * page);
    const rows = shuffled.filter((_, index) => !isBad(index)).map((key) => aRow(key, `${run} ${page}`));
    const rejected = shuffled.filter((_, index) => isBad(index)).map((key) => aRejectedRow({ key }));
    return [rows, { rejected }];
  });
  await expect(runs).resolves.toBeUndefined();
});

test('runs that reject the same rows for different reasons settle each other’s entries without a deadlock', async () => {
  await runOverlapping(901, (run, page) => {
    const field = (run + page) % 2 === 0 ? 'created_date' : 'birthday';
    return [[], { rejected: MANY_KEYS.map((key) => aRejectedRow({ key, field })) }];
  });
  const open = await db.query(`select 1 from mallsync.tb_batch_error_log where mall_id = 901 and status = 'OPEN'`);
  expect(open).toHaveLength(MANY_KEYS.length);
});
