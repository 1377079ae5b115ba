import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { revealRow } from '../../../src/adapters/postgres/read-models/reveal-row.ts';
import { CATALOG } from '../../../src/datasets/catalog.ts';
import type { DomainType } from '../../../src/domain/domain-type.ts';
import { createTestDatabase } from '../../support/database.ts';
import { addReject } from './ledger-rows.ts';

const testDatabase = await createTestDatabase();
let database: Database;

const tableOf = (domainType: DomainType) => CATALOG[domainType].mapping.table;
const asked = { mallId: 1, days: ['2026-03-01', '2026-03-02'] } as const;

beforeAll(async () => {
  database = await testDatabase.open();
  const stored = `now(), 1, 1, 0`;
  await testDatabase.query(
    `insert into mallsync.tb_member (mall_id, shop_no, member_id, name, cellphone, observed_at, first_execution_id,
       changed_execution_id, content_hash) values (1, 1, 'a|b', '김철수', '010-1', ${stored}), (2, 1, 'a|b', 'other mall', null, ${stored})`,
  );
  await testDatabase.query(
    `insert into mallsync.tb_sales_hourly (mall_id, shop_no, collection_date, collection_hour, sales, source, observed_at,
       first_execution_id, changed_execution_id, content_hash) values (1, 1, '2026-03-01', 7, 12.5, 'orders', ${stored})`,
  );
});

describe('a rejected row in clear', () => {
  it('has its key and what is stored under it, of its own mall', async () => {
    const errorId = await addReject(testDatabase, asked, { row_key: '1|a|b' });
    const revealed = await revealRow(database, errorId, tableOf);
    expect(revealed).toMatchObject({ errorId, mallId: 1, domainType: 'MEMBER', rowKey: '1|a|b' });
    expect(revealed?.row).toMatchObject({ shop_no: 1, member_id: 'a|b', name: '김철수', cellphone: '010-1' });
    expect(revealed?.row).toHaveProperty('observed_at');
    expect(Object.keys(revealed?.row ?? {})).not.toEqual(expect.arrayContaining(['content_hash']));
  });

  it('is found by a key of dates and numbers', async () => {
    const errorId = await addReject(testDatabase, { ...asked, domainType: 'SALES' }, { row_key: '1|2026-03-01|7' });
    expect((await revealRow(database, errorId, tableOf))?.row).toMatchObject({ collection_hour: 7, sales: 12.5 });
  });

  it.each(['1|nobody', '1', 'x|a|b', '99999999999|a|b', "1|' or true --", '|a|b'])(
    'is its key alone where nothing is stored under %j',
    async (key) => {
      const errorId = await addReject(testDatabase, asked, { row_key: key });
      expect(await revealRow(database, errorId, tableOf)).toMatchObject({ rowKey: key, row: null });
    },
  );

  it.each(['1|2026-13-45|7', '1|yesterday|7', '1|2026-03-01|noon'])(
    'is its key alone where the table could not hold it: %j',
    async (key) => {
      const errorId = await addReject(testDatabase, { ...asked, domainType: 'SALES' }, { row_key: key });
      expect(await revealRow(database, errorId, tableOf)).toMatchObject({ rowKey: key, row: null });
    },
  );

  it('is never a row of another mall', async () => {
    const errorId = await addReject(testDatabase, { ...asked, mallId: 3 }, { row_key: '1|a|b' });
    expect(await revealRow(database, errorId, tableOf)).toMatchObject({ mallId: 3, row: null });
  });

  it('has no key where the row had none', async () => {
    const errorId = await addReject(testDatabase, asked, { row_key: null });
    expect(await revealRow(database, errorId, tableOf)).toMatchObject({ rowKey: null, row: null });
  });

  it('is null where there is no such entry', async () => {
    expect(await revealRow(database, 999_999, tableOf)).toBeNull();
  });

  it('is read from the schema that is configured', async () => {
    const errorId = await addReject(testDatabase, asked, { row_key: '1|a|b', row_identity: 'moved' });
    await testDatabase.query('alter schema mallsync rename to moved');
    const moved = await testDatabase.open({ schema: 'moved' });
    expect((await revealRow(moved, errorId, tableOf))?.row).toMatchObject({ member_id: 'a|b' });
  });
});
