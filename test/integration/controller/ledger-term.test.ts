import { beforeAll, describe, expect, test } from 'vitest';
import { createControllerLedger } from '../../../src/adapters/postgres/controller-ledger.ts';
import { drawEpoch, inTerm, readEpoch } from '../../../src/adapters/postgres/controller-term.ts';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import type { ControllerLedger } from '../../../src/controller/controller-ledger.ts';
import { LeaseLostError } from '../../../src/domain/errors.ts';
import { createTestDatabase } from '../../support/database.ts';
import { addMalls, aMallSync, anOutcome, aSpec, lead, runOf } from './ledger-fixture.ts';

const db = await createTestDatabase();
let database: Database;

beforeAll(async () => {
  database = await db.open({ writerConnections: 4 });
  await addMalls(db, 3);
});

async function waitForLock(query: string): Promise<void> {
  for (;;) {
    const waiting = await db.query(
      `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like $1`,
      [query],
    );
    if (waiting.length > 0) return;
  }
}

test('epochs rise by one with each term, apart for each installation, and over restarts', async () => {
  expect(await readEpoch(database, 'risen')).toBe(0);
  expect(await drawEpoch(database, 'risen', 'pod-a')).toBe(1);
  expect(await drawEpoch(await db.open(), 'risen', 'pod-b')).toBe(2);
  expect(await drawEpoch(database, 'another', 'pod-a')).toBe(1);
  expect(await readEpoch(database, 'risen')).toBe(2);
  const rows = await db.query(`select epoch, holder from mallsync.tb_controller_epoch where installation_id = 'risen'`);
  expect(rows).toEqual([{ epoch: '2', holder: 'pod-b' }]);
});

test('ten who draw at once get ten epochs', async () => {
  const rivals = await db.open({ writerConnections: 10 });
  const epochs = await Promise.all(Array.from({ length: 10 }, () => drawEpoch(rivals, 'rivals', 'pod')));
  expect(epochs.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

describe('once a later term has begun', () => {
  const writes: { what: string; write: (ledger: ControllerLedger, uid: string, id: number) => Promise<unknown> }[] = [
    { what: 'admit', write: (ledger) => ledger.admit(aMallSync(), aSpec()) },
    { what: 'markLaunched', write: (ledger, _, id) => ledger.markLaunched([{ executionId: id, jobName: 'job' }]) },
    {
      what: 'recordOutcomes',
      write: (ledger, uid, id) => {
        const end = { status: 'FAILED', reason: 'Lost', message: 'gone' } as const;
        return ledger.recordOutcomes(uid, [anOutcome(id, { end })]);
      },
    },
    { what: 'stopAll', write: (ledger, uid) => ledger.stopAll(uid, 'deleted') },
    { what: 'reportRequest', write: (ledger) => ledger.reportRequest(1) },
    { what: 'abandonLost', write: (ledger) => ledger.abandonLost() },
  ];

  test.each(writes)('$what of the earlier one is refused and changes nothing', async ({ what, write }) => {
    const deposed = await lead(database, what);
    const mallSync = aMallSync();
    const { executionId } = runOf(await deposed.admit(mallSync, aSpec()), 1);
    const present = await lead(database, what);
    const before = await db.query('select * from mallsync.tb_batch_execution_summary order by execution_id');
    await expect(write(deposed, mallSync.uid, executionId)).rejects.toBeInstanceOf(LeaseLostError);
    expect(await db.query('select * from mallsync.tb_batch_execution_summary order by execution_id')).toEqual(before);
    await write(present, mallSync.uid, executionId);
  });

  test('the earlier one may still look', async () => {
    const deposed = await lead(database, 'looking');
    const mallSync = aMallSync();
    const state = await deposed.admit(mallSync, aSpec());
    await lead(database, 'looking');
    expect(await deposed.load(mallSync.uid)).toEqual(state);
    expect(await deposed.listOwners()).toEqual([{ uid: mallSync.uid, name: mallSync.name }]);
  });
});

test('a term of an epoch that nobody drew writes nothing', async () => {
  const ledger = createControllerLedger({ database, installationId: 'nobody', namespace: 'batch', epoch: 1 });
  await expect(ledger.admit(aMallSync(), aSpec())).rejects.toBeInstanceOf(LeaseLostError);
});

test('a write that is under way holds the next term up until it has committed', async () => {
  const epoch = await drawEpoch(database, 'under way', 'pod-a');
  const { promise: mayGoOn, resolve: goOn } = Promise.withResolvers<void>();
  const { promise: isHeld, resolve: hold } = Promise.withResolvers<void>();
  const order: string[] = [];
  const write = inTerm({ database, installationId: 'under way', epoch }, async () => {
    hold();
    await mayGoOn;
    order.push('written');
  });
  await isHeld;
  const draw = drawEpoch(database, 'under way', 'pod-b').then(() => order.push('drawn'));
  await waitForLock('insert into mallsync.tb_controller_epoch%');
  goOn();
  await Promise.all([write, draw]);
  expect(order).toEqual(['written', 'drawn']);
});

test('a write that begins while the next term is being drawn is refused', async () => {
  const ledger = await lead(database, 'drawing');
  const drawing = await database.connectDirect();
  try {
    await drawing.query('begin');
    await drawing.query(`update mallsync.tb_controller_epoch set epoch = epoch + 1 where installation_id = 'drawing'`);
    const write = ledger.admit(aMallSync(), aSpec());
    write.catch(() => undefined);
    await waitForLock('%for share%');
    await drawing.query('commit');
    await expect(write).rejects.toBeInstanceOf(LeaseLostError);
  } finally {
    await drawing.end();
  }
});
