import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { loadErasedMembers } from '../../../src/adapters/postgres/erased-members.ts';
import type { QueryPool } from '../../../src/adapters/postgres/pool.ts';
import { createRateBudget } from '../../../src/adapters/postgres/rate-budget.ts';
import { createTokenStore } from '../../../src/adapters/postgres/token-store.ts';
import { createTestDatabase } from '../../support/database.ts';
import { aMall, aPair, cipher, importMalls, keyRing } from './mall-fixture.ts';

const MALL = 7;
const BUCKET = { endpoint: 'orders', size: 40, leakPerSecond: 2 };
const testDatabase = await createTestDatabase();
let database: Database;

beforeAll(async () => {
  database = await testDatabase.open();
  await importMalls(database, [aMall(MALL)]);
  await testDatabase.query(`insert into mallsync.tb_mall_config (mall_id, cafe24_mall_id, name)
    select n, 'm' || n, '' from generate_series(1000, 9000) n`);
  await testDatabase.query(`insert into mallsync.tb_mall_credential (mall_id, client_id, client_secret, key_id)
    select n, '', '', '' from generate_series(1000, 9000) n`);
  await testDatabase.query(`insert into mallsync.tb_rate_budget (mall_id, endpoint)
    select n, unnest(array['*', 'orders', 'customersprivacy']) from generate_series(1000, 9000) n`);
  await testDatabase.query(`insert into mallsync.tb_erased_member (mall_id, member_hash, key_id)
    select n, 'x', 'test' from generate_series(1000, 9000) n`);
  await testDatabase.query(`with instance as (
      insert into mallsync.tb_batch_job_instance (mall_id, domain_type, period, start_date, end_date)
      select n, 'ORDER', tstzrange('2025-01-01', '2025-01-02'), '', '' from generate_series(1000, 9000) n
      returning instance_id, mall_id)
    insert into mallsync.tb_batch_execution_summary (instance_id, mall_id, domain_type, start_date, end_date, page_size,
      attempt_count, reading, status, trigger, installation_id)
    select instance_id, mall_id, 'ORDER', '', '', 1000, 1, 1, 'RUNNING', 'NIGHTLY', 'test' from instance`);
  await testDatabase.query('vacuum analyze');
});

interface Recorded {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** The pool, and every statement that goes through it, those of its transactions included. */
function record(pool: QueryPool): { readonly pool: QueryPool; readonly statements: Recorded[] } {
  const statements: Recorded[] = [];
  const watch = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(inner, name, receiver) {
        const method = Reflect.get(inner, name, receiver) as (...args: unknown[]) => unknown;
        if (name === 'transaction') {
          return (work: (tx: object) => unknown) => method.call(inner, (tx: object) => work(watch(tx)));
        }
        return (query: Recorded) => {
          statements.push(query);
          return method.call(inner, query);
        };
      },
    });
  return { pool: watch(pool), statements };
}

async function explain({ sql, values }: Recorded): Promise<string> {
  const text = sql.replaceAll(/\$slonik_(\d+)/g, '$$$1');
  const rows = await testDatabase.query(`explain (costs off) ${text}`, values);
  return rows.map((row) => String(row['QUERY PLAN'])).join('\n');
}

describe('what a run asks the stores', () => {
  it('is served by an index, statement by statement', async () => {
    const { pool, statements } = record(database.pool);
    const tokens = createTokenStore({ pool, cipher });
    await tokens.load(MALL);
    await tokens.claimRefresh(MALL, 0, 30);
    await tokens.releaseRefresh(MALL, 0);
    await tokens.markState(MALL, 0, 'ACTIVE');
    await tokens.saveTokens(MALL, 0, aPair('one'));
    const budget = createRateBudget({ pool });
    await budget.takePermits(MALL, BUCKET, 1, true);
    await budget.reportUsage(MALL, BUCKET, { used: 20, size: 40 });
    await budget.block(MALL, BUCKET.endpoint, 1);
    await loadErasedMembers(pool, keyRing, MALL);
    expect(statements).toHaveLength(12);
    for (const statement of statements) expect(await explain(statement), statement.sql).not.toContain('Seq Scan');
  });
});
