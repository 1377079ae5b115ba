import { expect, test } from 'vitest';
import { createLedger } from '../../../src/adapters/postgres/ledger.ts';
import { createTestDatabase } from '../../support/database.ts';
import { aPage, aRejectedRow, aRow, claimNew, createProbeTable, probeStore } from '../../support/database-probe.ts';
import { parsePeriod } from '../../../src/domain/period.ts';

const db = await createTestDatabase();
await createProbeTable(db);

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

test('overlapping periods of one mall run together without a deadlock', async () => {
  const database = await db.open({ writerConnections: 4, poolSize: 4 });
  const ledger = createLedger({ database, store: probeStore });
  const mallId = 900;
  const keys = Array.from({ length: 30 }, (_, index) => `1|${String(index).padStart(2, '0')}`);
  const deadlocks = () =>
    db.query<{ deadlocks: string }>('select deadlocks from pg_stat_database where datname = current_database()');
  const before = await deadlocks();
  await Promise.all(
    [1, 2, 3, 4].map(async (day) => {
      const period = parsePeriod(`2025-02-0${day}T00:00:00`, '2025-02-11T00:00:00');
      const execution = await claimNew(database, { mallId, period });
      const { fromMs, untilMs } = execution.period;
      await ledger.saveWindows(execution, [{ fromMs, untilMs, shopNo: 1, dateType: 'join' }]);
      await ledger.openWindow(execution, 1, 1);
      for (let page = 0; page < 10; page++) {
        // what one run stores another one rejects, in another order each time
        const isBad = (index: number) => (index + page + day) % 3 === 0;
        const shuffled = keys.toSorted((a, b) => Number(a.slice(2)) * day - Number(b.slice(2)) * page);
        const rows = shuffled.filter((_, index) => !isBad(index)).map((key) => aRow(key, `${day} ${page}`));
        const rejected = shuffled.filter((_, index) => isBad(index)).map((key) => aRejectedRow({ key }));
        await ledger.commitPage(execution, aPage(rows, { rejected, offset: page, nextOffset: page + 1 }));
      }
      await ledger.settleWindow(execution, 1, { state: 'COMPLETE_WITH_REJECTS', countAfter: 1, message: null });
      await ledger.settleExecution(execution);
    }),
  );
  expect(await deadlocks()).toEqual(before);
});
