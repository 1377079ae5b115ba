import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inTransaction } from '../../../src/adapters/postgres/page-session.ts';
import { anItem, anOrder, type ApiRow } from '../../support/dataset-rows.ts';
import { createDatasetFixture, OBSERVED_AT_MS, type DatasetFixture } from './dataset-fixture.ts';

const order = (serial: number, changes: ApiRow = {}): ApiRow => {
  const order_id = `20250302-${String(serial).padStart(7, '0')}`;
  return anOrder({ order_id, items: [1, 2].map((n) => anItem({ order_item_code: `${order_id}-0${n}` })), ...changes });
};
const orders = (from: number, count: number, changes: ApiRow = {}): readonly ApiRow[] =>
  Array.from({ length: count }, (_, index) => order(from + index, changes));

describe('writers of the same keys at the same time', () => {
  let fixture: DatasetFixture;
  beforeAll(async () => {
    fixture = await createDatasetFixture('ORDER');
  });
  beforeEach(async () => {
    await fixture.test.query('truncate mallsync.tb_order, mallsync.tb_order_item');
  });

  const countDeadlocks = async (): Promise<unknown> =>
    (await fixture.test.query('select deadlocks::int from pg_stat_database where datname = current_database()'))[0];

  /** Four writers at once, every second one with its rows the other way round. */
  const writeTogether = async (toPage: (writer: number) => readonly ApiRow[], second: number): Promise<void> => {
    const results = await Promise.all(
      [1, 2, 3, 4].map((writer) => {
        const page = writer % 2 === 0 ? toPage(writer) : toPage(writer).toReversed();
        return fixture.write(page, { executionId: writer, observedAtMs: OBSERVED_AT_MS + second * 1_000 });
      }),
    );
    expect(results.flatMap((result) => result.refused)).toEqual([]);
  };

  it('never wait for each other in a circle over new rows', async () => {
    for (let round = 0; round < 8; round++) {
      await writeTogether((writer) => orders(round * 1_000 + writer * 20, 300, { market_id: `${writer}` }), round);
    }
    expect(await fixture.test.query('select count(*)::int as count from mallsync.tb_order')).toEqual([
      { count: 8 * 360 },
    ]);
    expect(await fixture.test.query('select count(*)::int as count from mallsync.tb_order_item')).toEqual([
      { count: 8 * 720 },
    ]);
    expect(await countDeadlocks()).toEqual({ deadlocks: 0 });
  });

  it('never wait for each other in a circle over stored rows, with new ones between them', async () => {
    await fixture.write(orders(0, 300).filter((_, index) => index % 3 > 0));
    for (let round = 1; round <= 8; round++) {
      await writeTogether((writer) => orders(writer * 10, 250, { market_id: `${writer} ${round}` }), round);
    }
    expect(await countDeadlocks()).toEqual({ deadlocks: 0 });
  });

  it('finds the rows that a rival inserted while this page was on its way', async () => {
    const rival = inTransaction(fixture.database, async (client) => {
      await fixture.writeOn(client, orders(5, 10, { market_id: 'rival' }), {
        executionId: 2,
        observedAtMs: OBSERVED_AT_MS + 1_000,
      });
      const mine = fixture.write(orders(0, 20, { market_id: 'mine' }));
      await waitForBlockedWriter(fixture);
      return { mine };
    });
    const { mine } = await rival;
    expect(await mine).toEqual({ inserted: 10, updated: 0, unchanged: 0, stale: 10, refused: [] });
    expect(
      await fixture.test.query('select market_id, count(*)::int as count from mallsync.tb_order group by 1 order by 1'),
    ).toEqual([
      { market_id: 'mine', count: 10 },
      { market_id: 'rival', count: 10 },
    ]);
    expect(await fixture.test.query('select count(*)::int as count from mallsync.tb_order_item')).toEqual([
      { count: 40 },
    ]);
  });

  it('judges again what a rival changed while this page waited for its lock', async () => {
    await fixture.write(orders(0, 5), { observedAtMs: OBSERVED_AT_MS - 60_000 });
    const { mine } = await inTransaction(fixture.database, async (client) => {
      await fixture.writeOn(client, orders(2, 1, { market_id: 'rival' }), {
        executionId: 2,
        observedAtMs: OBSERVED_AT_MS + 1_000,
      });
      const waiting = fixture.write(orders(0, 5, { market_id: 'mine' }));
      await waitForBlockedWriter(fixture);
      return { mine: waiting };
    });
    expect(await mine).toEqual({ inserted: 0, updated: 4, unchanged: 0, stale: 1, refused: [] });
  });

  it('writes again what a rival deleted while this page waited for its lock', async () => {
    await fixture.write(orders(0, 5), { observedAtMs: OBSERVED_AT_MS - 60_000 });
    const { mine } = await inTransaction(fixture.database, async (client) => {
      await client.query(`delete from mallsync.tb_order where order_id = '20250302-0000002'`);
      await client.query(`delete from mallsync.tb_order_item where order_id = '20250302-0000002'`);
      const waiting = fixture.write(orders(0, 5, { market_id: 'mine' }));
      await waitForBlockedWriter(fixture);
      return { mine: waiting };
    });
    expect(await mine).toEqual({ inserted: 1, updated: 4, unchanged: 0, stale: 0, refused: [] });
  });
});

async function waitForBlockedWriter(fixture: DatasetFixture): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    const [row] = await fixture.test.query<{ blocked: number }>(
      `select count(*)::int as blocked from pg_stat_activity
       where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0`,
    );
    if ((row?.blocked ?? 0) > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('no writer is blocked');
}
