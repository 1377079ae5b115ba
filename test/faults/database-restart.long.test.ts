import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/adapters/postgres/database.ts';
import { migrate } from '../../src/adapters/postgres/migrate.ts';
import { startEmbeddedDatabase } from '../../src/commands/demo/embedded-database.ts';
import { readVersion } from '../../src/commands/version.ts';
import { holdPage, installPageLatch } from '../support/fault-latch.ts';
import { expectPagesCountedOnce, expectTruth, listExecutionRows } from '../support/fault-ledger.ts';
import { DAY, openFaultWorld, PAGE_SIZE } from '../support/fault-world.ts';
import { beforeEndOf, until } from '../support/process-signals.ts';

const dataDir = join(tmpdir(), `mallsync-fault-${randomUUID().slice(0, 8)}`);
let server = await startEmbeddedDatabase({ dataDir, persistent: true });
const port = Number(new URL(server.url).port);
await migrateServer(server.url);
const world = await openFaultWorld(server.url);
await installPageLatch(world);

afterAll(async () => {
  await world.close();
  await server.stop();
  // the same place once more, as one that is not to be kept
  await (await startEmbeddedDatabase({ dataDir, persistent: false })).stop();
});

async function migrateServer(url: string): Promise<void> {
  const database = await openDatabase({ url, schema: 'mallsync', applicationName: 'fault test', leaseSeconds: 30 });
  await migrate(database, readVersion()).finally(() => database.close());
}

/** An immediate shutdown, as a crash: no checkpoint, no goodbye to anybody; then the recovery at the same port. */
async function crashAndRestart(): Promise<void> {
  const [pid] = (await readFile(join(server.dataDir, 'data', 'postmaster.pid'), 'utf8')).split('\n');
  process.kill(Number(pid), 'SIGQUIT');
  await server.stop();
  await sleep(1_000);
  server = await startEmbeddedDatabase({ dataDir, persistent: true, port });
}

const ROWS = 400;
const MALLS = [
  { membersPerDay: ROWS, ordersPerDay: ROWS, behaviour: { latencyMs: 150 } },
  { membersPerDay: ROWS, ordersPerDay: ROWS, behaviour: { latencyMs: 150 } },
];

test('runs of many malls end complete although the database crashes twice under them', async () => {
  const malls = await Promise.all(MALLS.map((mall) => world.addMall(mall)));
  const ids = malls.map(({ mallId }) => mallId).join(',');
  const period = `--start ${DAY.startDate} --end ${DAY.endDate}`;
  const line = `run --json --malls ${ids} --domain MEMBER,ORDER --page-size ${PAGE_SIZE} ${period}`;
  const run = world.start(line.split(' '));
  for (const pages of [2, 8]) {
    await beforeEndOf(
      run,
      until(
        `${pages} pages of each execution`,
        async () => {
          const rows = (await Promise.all(malls.map((mall) => listExecutionRows(world, mall)))).flat();
          return rows.length === 4 && rows.every((row) => row.pages >= pages);
        },
        60_000,
      ),
    );
    await crashAndRestart();
  }
  expect(await run.finished).toMatchObject({ exitCode: 0 });
  for (const mall of malls) {
    await expectTruth(world, mall, 'MEMBER');
    await expectTruth(world, mall, 'ORDER');
    const rows = await listExecutionRows(world, mall);
    expect(rows).toMatchObject([
      { status: 'COMPLETED', read: ROWS },
      { status: 'COMPLETED', read: ROWS },
    ]);
  }
  await expectPagesCountedOnce(world);
});

test('a crash inside a page transaction costs that try of the page and nothing else', async () => {
  const mall = await world.addMall({ membersPerDay: 130 });
  const page = await holdPage(world, mall, 2 * PAGE_SIZE);
  const sync = world.startSync({ mall });
  await beforeEndOf(sync, page.blocked());
  await crashAndRestart();
  expect(await sync.finished).toMatchObject({ exitCode: 0 });
  await expectTruth(world, mall);
  await expectPagesCountedOnce(world);
  expect(await listExecutionRows(world, mall)).toMatchObject([
    { status: 'COMPLETED', read: 130, pages: Math.ceil(130 / PAGE_SIZE), fence_token: 1 },
  ]);
});
