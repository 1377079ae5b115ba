import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { inTransaction } from '../../../src/adapters/postgres/page-session.ts';
import { aMember, type ApiRow } from '../../support/dataset-rows.ts';
import { createDatasetFixture, OBSERVED_AT_MS, type DatasetFixture } from './dataset-fixture.ts';

const LATER = OBSERVED_AT_MS + 60_000;

function members(
  count: number,
  badOnes: readonly number[],
  badChanges: ApiRow,
  changes: ApiRow = {},
): readonly ApiRow[] {
  return Array.from({ length: count }, (_, index) =>
    aMember({
      member_id: `m${String(index).padStart(4, '0')}`,
      email: `${index}@example.com`,
      ...changes,
      ...(badOnes.includes(index) ? badChanges : {}),
    }),
  );
}

describe('rows that PostgreSQL refuses', () => {
  let fixture: DatasetFixture;
  beforeAll(async () => {
    fixture = await createDatasetFixture('MEMBER');
    await fixture.test.query(`alter table mallsync.tb_member
      add constraint points_are_positive check (total_points >= 0), add constraint one_email unique (mall_id, email)`);
  });
  beforeEach(async () => {
    await fixture.test.query('truncate mallsync.tb_member');
  });
  const countStored = async (): Promise<unknown> =>
    (
      await fixture.test.query(
        'select count(*)::int as count, count(distinct name)::int as names from mallsync.tb_member',
      )
    )[0];

  it('are found among new rows, and the others are written', async () => {
    const bad = [0, 313, 314, 999];
    const result = await fixture.write(members(1_000, bad, { total_points: '-1' }));
    expect(result).toMatchObject({ inserted: 996, updated: 0 });
    expect(result.refused.map(({ row, sqlState, where }) => [row.key, sqlState, where])).toEqual(
      bad.map((index) => [`1|m${String(index).padStart(4, '0')}`, '23514', 'points_are_positive']),
    );
    expect(await countStored()).toEqual({ count: 996, names: 1 });
  });

  it('are found among changed rows, and the others are written', async () => {
    await fixture.write(members(200, [], {}));
    const page = members(200, [7, 150], { total_points: '-1' }, { name: 'changed' });
    const result = await fixture.write(page, { observedAtMs: LATER });
    expect(result).toMatchObject({ inserted: 0, updated: 198, unchanged: 0 });
    expect(result.refused.map(({ row }) => row.key)).toEqual(['1|m0007', '1|m0150']);
    expect(await countStored()).toEqual({ count: 200, names: 2 });
  });

  it('are found when they break a unique constraint that is not the key', async () => {
    const page = members(50, [20, 30], { email: '5@example.com' });
    const result = await fixture.write(page);
    expect(result).toMatchObject({ inserted: 48 });
    expect(result.refused.map(({ row, sqlState, where }) => [row.key, sqlState, where])).toEqual([
      ['1|m0020', '23505', 'one_email'],
      ['1|m0030', '23505', 'one_email'],
    ]);
    expect(await countStored()).toEqual({ count: 48, names: 1 });
  });

  it('cost few statements each', async () => {
    const statements = await inTransaction(fixture.database, async (client) => {
      const query = vi.spyOn(client, 'query');
      await fixture.writeOn(client, members(1_000, [500], { total_points: '-1' }));
      const { length } = query.mock.calls;
      query.mockRestore();
      return length;
    });
    // one that judges the rows, then a copy and the end of its savepoint for each try
    expect(statements).toBeLessThanOrEqual(1 + 2 * (2 * Math.ceil(Math.log2(1_000)) + 1));
  });

  it('do not hide a failure that is no row’s fault', async () => {
    await fixture.test.query('alter table mallsync.tb_member rename column nick_name to renamed');
    await expect(fixture.write(members(3, [], {}))).rejects.toMatchObject({ reason: 'Bug' });
    await fixture.test.query('alter table mallsync.tb_member rename column renamed to nick_name');
    expect(await fixture.write(members(3, [], {}))).toMatchObject({ inserted: 3 });
  });
});
