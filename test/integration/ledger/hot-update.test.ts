import { expect, test } from 'vitest';
import { openDatabase, type Database } from '../../../src/adapters/postgres/database.ts';
import { createLeaseKeeper } from '../../../src/adapters/postgres/lease-keeper.ts';
import { createLedger } from '../../../src/adapters/postgres/ledger.ts';
import { createTestDatabase } from '../../support/database.ts';
import { aPage, aRow, claimNew, createProbeTable, probeStore } from '../../support/database-probe.ts';

const db = await createTestDatabase();
await createProbeTable(db);

/** Few enough for all versions of the execution's row to find room beside each other. */
const PAGES = 4;

interface Updates {
  readonly all: number;
  readonly heapOnly: number;
}

async function readUpdates(): Promise<Updates> {
  const [row] = await db.query<{ all: string; hot: string }>(
    `select n_tup_upd as all, n_tup_hot_upd as hot from pg_stat_user_tables where relname = 'tb_batch_execution_summary'`,
  );
  return { all: Number(row?.all), heapOnly: Number(row?.hot) };
}

/** Closed by the test itself: a session reports what it did when it ends. */
async function open(): Promise<Database> {
  return await openDatabase({ url: db.url, schema: 'mallsync', applicationName: 'mallsync test', leaseSeconds: 30 });
}

test('no index is touched by what a page writes to its execution, nor by a lease', async () => {
  const database = await open();
  const execution = await claimNew(database);
  const ledger = createLedger({ database, store: probeStore });
  const { fromMs, untilMs } = execution.period;
  await ledger.saveWindows(execution, [{ fromMs, untilMs, shopNo: 1, dateType: 'join' }]);
  await ledger.openWindow(execution, 1, PAGES);
  await database.close();
  await expect.poll(readUpdates, { timeout: 20_000 }).toMatchObject({ all: expect.toBeOneOf([1, 2, 3]) as unknown });
  const before = await readUpdates();
  const reading = await open();
  const leases = createLeaseKeeper(reading);
  const pages = createLedger({ database: reading, store: probeStore });
  for (let offset = 0; offset < PAGES; offset += 1) {
    await pages.commitPage(execution, aPage([aRow(`1|row${offset}`)], { offset, nextOffset: offset + 1 }));
    await leases.renew(execution, 'RUNNING');
  }
  await reading.close();
  const all = before.all + 2 * PAGES;
  await expect.poll(readUpdates, { timeout: 20_000 }).toEqual({ all, heapOnly: before.heapOnly + 2 * PAGES });
});
