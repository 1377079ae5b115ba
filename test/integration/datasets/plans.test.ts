import { describe, expect, it } from 'vitest';
import { inTransaction } from '../../../src/adapters/postgres/page-session.ts';
import type { DomainType } from '../../../src/domain/domain-type.ts';
import { aMember, anHour, anItem, anOrder, type ApiRow } from '../../support/dataset-rows.ts';
import { createDatasetFixture, OBSERVED_AT_MS, type DatasetFixture } from './dataset-fixture.ts';

const LATER = OBSERVED_AT_MS + 60_000;
const FROM_MS = Date.parse('2025-03-02T00:00:00+09:00');

const WRITES: Readonly<Record<DomainType, { dateType: string; toRow: (n: number, text: string) => ApiRow }>> = {
  MEMBER: { dateType: 'join', toRow: (n, text) => aMember({ member_id: `m${n}`, name: text }) },
  ORDER: {
    dateType: 'order_date',
    toRow: (n, text) => {
      const order_id = `20250302-${String(n).padStart(7, '0')}`;
      return anOrder({
        order_id,
        market_id: text,
        items: [anItem({ order_item_code: `${order_id}-01`, option_value: text })],
      });
    },
  },
  SALES: {
    dateType: 'collection_date',
    toRow: (n, text) =>
      anHour({
        collection_date: `2025-03-${String((n % 28) + 1).padStart(2, '0')}`,
        collection_hour: Math.floor(n / 28) % 24,
        order_count: text.length,
      }),
  },
};

/** Runs `work` in a transaction in which the server writes the plan of every statement that really runs. */
async function explain(
  fixture: DatasetFixture,
  work: Parameters<typeof inTransaction<void>>[1],
): Promise<readonly string[]> {
  const plans: string[] = [];
  await inTransaction(fixture.database, async (client) => {
    await client.query(`load 'auto_explain'; set local auto_explain.log_min_duration = 0;
      set local auto_explain.log_level = 'notice'; set local client_min_messages = 'notice'`);
    client.on('notice', (notice) => {
      if (notice.message?.includes('plan:') === true) plans.push(notice.message);
    });
    await work(client);
    client.removeAllListeners('notice');
  });
  return plans;
}

describe('every statement of a page', () => {
  it.each(Object.entries(WRITES) as [DomainType, (typeof WRITES)['MEMBER']][])(
    'on %s reaches the data tables by an index, without statistics as with them',
    async (domainType, { dateType, toRow }) => {
      const fixture = await createDatasetFixture(domainType);
      await fill(fixture, domainType);
      const page = (text: string): readonly ApiRow[] => Array.from({ length: 20 }, (_, n) => toRow(n * 29, text));
      for (const analyze of ['select 1', 'vacuum analyze']) {
        await fixture.test.query(analyze);
        await fixture.write(page(`before ${analyze}`), { observedAtMs: LATER });
        const plans = await explain(fixture, async (client) => {
          await fixture.writeOn(client, page(`after ${analyze}`), { observedAtMs: LATER + 1_000 });
          const window = { shopNo: 1, dateType, fromMs: FROM_MS, untilMs: FROM_MS + 3_600_000 };
          await fixture.store.markMissing(
            client,
            { mallId: 1, executionId: 1, observedAtMs: LATER + 2_000 },
            window,
            new BigUint64Array(0),
          );
        });
        expect(plans.length).toBeGreaterThanOrEqual(4);
        const scanned = plans.filter((plan) => /Seq Scan on tb_(?:member|order|sales)/.test(plan));
        expect(scanned).toEqual([]);
        // the index by date would read a whole shop for each key
        const byDate = plans.filter((plan) => /Scan using tb_member_created/.test(plan));
        for (const plan of byDate) expect(plan).toMatch(/Index Cond: .*created_date >=/);
      }
    },
  );
});

/** Many rows of other malls and shops, so that reading a whole table would show. */
async function fill(fixture: DatasetFixture, domainType: DomainType): Promise<void> {
  const { toRow } = WRITES[domainType];
  const rows = Array.from({ length: 600 }, (_, n) => toRow(n, 'filler'));
  for (let mallId = 1; mallId <= 8; mallId++) await fixture.write(rows, { mallId });
}
