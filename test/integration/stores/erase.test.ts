import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { claimExecution } from '../../../src/adapters/postgres/claim.ts';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { eraseMember, type PersonalTable } from '../../../src/adapters/postgres/erase.ts';
import { loadErasedMembers } from '../../../src/adapters/postgres/erased-members.ts';
import { inFence } from '../../../src/adapters/postgres/execution-fence.ts';
import { parseKeyRing } from '../../../src/adapters/postgres/key-ring.ts';
import { listErasedColumns } from '../../../src/adapters/postgres/table.ts';
import { memberTable } from '../../../src/datasets/member/member-table.ts';
import { orderTable } from '../../../src/datasets/order/order-table.ts';
import type { ClaimedExecution } from '../../../src/domain/execution.ts';
import { createTestDatabase } from '../../support/database.ts';
import { addErrorEntry, addExecution } from './ledger-fixture.ts';
import { buildKey } from './mall-fixture.ts';

const testDatabase = await createTestDatabase();
const [oldKey, newKey] = [buildKey('2025'), buildKey('2026')];
const ring = parseKeyRing(oldKey);
const TABLES: readonly PersonalTable[] = [
  { name: memberTable.name, domainType: 'MEMBER', memberColumn: 'member_id', erasure: { kind: 'delete' } },
  {
    name: orderTable.name,
    domainType: 'ORDER',
    memberColumn: 'member_id',
    erasure: { kind: 'empty', columns: listErasedColumns(orderTable), idColumn: 'order_id' },
  },
];
let database: Database;

beforeAll(async () => {
  database = await testDatabase.open();
});

beforeEach(async () => {
  await testDatabase.query(`truncate mallsync.tb_member, mallsync.tb_order, mallsync.tb_batch_error_log,
    mallsync.tb_erased_member, mallsync.tb_batch_job_instance cascade`);
});

async function addMember(mallId: number, shopNo: number, memberId: string): Promise<void> {
  await testDatabase.query(
    `insert into mallsync.tb_member (mall_id, shop_no, member_id, observed_at, first_execution_id, changed_execution_id,
       content_hash, name, email) values ($1, $2, $3, now(), 1, 1, 1, 'Kim', 'kim@example.com')`,
    [mallId, shopNo, memberId],
  );
}

async function addOrder(mallId: number, orderId: string, memberId: string | null): Promise<void> {
  await testDatabase.query(
    `insert into mallsync.tb_order (mall_id, shop_no, order_id, observed_at, first_execution_id, changed_execution_id,
       content_hash, member_id, billing_name, bank_account_owner_name, currency, extra)
     values ($1, 1, $2, now(), 1, 1, 1, $3, 'Kim', 'Kim', 'KRW', '{"note":"Kim"}')`,
    [mallId, orderId, memberId],
  );
}

/** Every row of every table of the schema that holds the text, in any column. */
async function findText(text: string): Promise<readonly string[]> {
  const tables = await testDatabase.query(
    `select relname from pg_class where relkind = 'r' and relnamespace = 'mallsync'::regnamespace`,
  );
  const found: string[] = [];
  for (const { relname } of tables) {
    const rows = await testDatabase.query(`select 1 from mallsync.${String(relname)} t where strpos(t::text, $1) > 0`, [
      text,
    ]);
    if (rows.length > 0) found.push(`${String(relname)} ${rows.length}`);
  }
  return found.toSorted();
}

const kim = { mallId: 1, memberId: 'kim|o%_' };

describe('erasing a member', () => {
  it('leaves nothing of the member in any table of the mall, and everybody else alone', async () => {
    for (const shopNo of [1, 2]) await addMember(1, shopNo, kim.memberId);
    await addMember(1, 1, 'kim|other');
    await addMember(2, 1, kim.memberId);
    await addOrder(1, 'A-1', kim.memberId);
    await addOrder(1, 'A-2', 'kim|other');
    await addErrorEntry(testDatabase, { rowKey: `2|${kim.memberId}` });
    await addErrorEntry(testDatabase, { rowKey: '1|kim|other' });
    await addErrorEntry(testDatabase, { rowKey: '1|A-1', domainType: 'ORDER' });
    const result = await eraseMember(database, ring, kim, TABLES);
    expect(result).toMatchObject({ rows: 3, logEntries: 2, interruptedExecutions: [] });
    expect(await findText(kim.memberId)).toEqual(['tb_member 1']);
    const orders = await testDatabase.query(`select * from mallsync.tb_order order by order_id`);
    expect(orders[0]).toMatchObject({
      member_id: null,
      billing_name: null,
      bank_account_owner_name: null,
      extra: null,
      currency: 'KRW',
    });
    expect(orders[1]).toMatchObject({ member_id: 'kim|other', billing_name: 'Kim' });
    const entries = await testDatabase.query(
      `select row_key, payload from mallsync.tb_batch_error_log order by row_key`,
    );
    expect(entries).toEqual([
      { row_key: '1|A-1', payload: null },
      { row_key: '1|kim|other', payload: { name: 'k***' } },
    ]);
  });

  it('is remembered without the id, for that mall only', async () => {
    await eraseMember(database, ring, kim, TABLES);
    const isErased = await loadErasedMembers(database.pool, ring, 1);
    expect([isErased(kim.memberId), isErased('kim')]).toEqual([true, false]);
    expect((await loadErasedMembers(database.pool, ring, 2))(kim.memberId)).toBe(false);
  });

  it('can be done again, and is remembered after a key rotation as long as the old key stays in the ring', async () => {
    await eraseMember(database, ring, kim, TABLES);
    await eraseMember(database, ring, kim, TABLES);
    const rotated = parseKeyRing(`${newKey},${oldKey}`);
    await eraseMember(database, rotated, { ...kim, memberId: 'lee' }, TABLES);
    const isErased = await loadErasedMembers(database.pool, rotated, 1);
    expect([isErased(kim.memberId), isErased('lee'), isErased('park')]).toEqual([true, true, false]);
    await expect(loadErasedMembers(database.pool, parseKeyRing(newKey), 1)).rejects.toMatchObject({
      reason: 'ConfigInvalid',
      message: expect.stringContaining('2025'),
    });
  });

  it('takes live executions that may hold the member from their holders, and no others', async () => {
    const live = await addExecution(testDatabase, { status: 'RUNNING', fenceToken: 4 });
    const order = await addExecution(testDatabase, { status: 'WAITING', domainType: 'ORDER', fenceToken: 2 });
    await addExecution(testDatabase, { status: 'RUNNING', domainType: 'SALES', fenceToken: 1 });
    await addExecution(testDatabase, { status: 'REQUESTED', fenceToken: 0 });
    await addExecution(testDatabase, { status: 'RUNNING', mallId: 2 });
    await addExecution(testDatabase, { status: 'COMPLETED' });
    const { interruptedExecutions } = await eraseMember(database, ring, kim, TABLES);
    expect(new Set(interruptedExecutions)).toEqual(new Set([live, order]));
    const rows = await testDatabase.query(
      `select fence_token::int, lease_until <= clock_timestamp() as is_free from mallsync.tb_batch_execution_summary where execution_id = $1`,
      [live],
    );
    expect(rows).toEqual([{ fence_token: 5, is_free: true }]);
  });

  it('keeps the page of such a holder out, and the next claimer goes on at once', async () => {
    const executionId = await addExecution(testDatabase, { status: 'REQUESTED', fenceToken: 0 });
    const holder = await claim(executionId);
    await inFence(database, holder, async () => undefined);
    await eraseMember(database, ring, kim, TABLES);
    await expect(inFence(database, holder, async () => undefined)).rejects.toMatchObject({ reason: 'LeaseLost' });
    await inFence(database, await claim(executionId), async () => undefined);
  });

  async function claim(executionId: number): Promise<ClaimedExecution> {
    const result = await claimExecution(database, executionId, 'test');
    if (result.kind !== 'claimed') throw new Error(`the execution is ${result.kind}`);
    return result.execution;
  }

  it('makes who loads meanwhile wait for the erasure, and see it', async () => {
    const blocker = await database.connectDirect();
    await addMember(1, 1, kim.memberId);
    try {
      await blocker.query('begin; lock table mallsync.tb_member in share mode');
      const erasure = eraseMember(database, ring, kim, TABLES);
      await waitForLock('tb_member');
      const other = await testDatabase.open();
      const loading = loadErasedMembers(other.pool, ring, 1);
      await waitForLock('advisory');
      await blocker.query('commit');
      await erasure;
      expect((await loading)(kim.memberId)).toBe(true);
    } finally {
      await blocker.end();
    }
  });

  async function waitForLock(what: string): Promise<void> {
    for (;;) {
      const waiting = await testDatabase.query(
        `select 1 from pg_locks where not granted and (locktype = $1 or relation = to_regclass('mallsync.' || $1))
           and database = (select oid from pg_database where datname = current_database())`,
        [what],
      );
      if (waiting.length > 0) return;
    }
  }

  it('keeps all or nothing', async () => {
    await addMember(1, 1, kim.memberId);
    const broken: PersonalTable = { ...(TABLES[1] as PersonalTable), memberColumn: 'no_such_column' };
    await expect(eraseMember(database, ring, kim, [TABLES[0] as PersonalTable, broken])).rejects.toThrow(
      /no_such_column/,
    );
    expect(await findText(kim.memberId)).toEqual(['tb_member 1']);
    expect((await loadErasedMembers(database.pool, ring, 1))(kim.memberId)).toBe(false);
  });
});
