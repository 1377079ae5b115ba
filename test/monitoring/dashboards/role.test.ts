import { describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../support/database.ts';
import { openDashboardRole } from '../../support/dashboard-role.ts';

const db = await createTestDatabase();
const { name, client } = await openDashboardRole(db.url);

interface Stored {
  readonly table_name: string;
  readonly column_name: string;
  readonly readable: boolean;
}

const columns = await db.query<Stored>(
  `select table_name, column_name,
     has_column_privilege($1, format('%I.%I', table_schema, table_name), column_name, 'select') as readable
   from information_schema.columns where table_schema = 'mallsync' order by table_name, ordinal_position`,
  [name],
);

/** Tables of which nothing is for a dashboard. */
const CLOSED = [
  'tb_member',
  'tb_order',
  'tb_order_item',
  'tb_sales_hourly',
  'tb_erased_member',
  'tb_audit_log',
  'tb_admin_session',
  'tb_admin_consent',
  'tb_batch_window_page',
];
/** Columns of open tables that tell of persons or are secrets. */
const SECRET = [
  'tb_mall_credential.client_id',
  'tb_mall_credential.client_secret',
  'tb_mall_credential.access_token',
  'tb_mall_credential.refresh_token',
  'tb_mall_credential.imported_token_hash',
  'tb_mall_config.settings',
  'tb_batch_error_log.row_key',
  'tb_batch_error_log.row_identity',
  'tb_batch_error_log.payload',
];

async function tryTo(statement: string): Promise<string> {
  return await client.query(statement).then(
    () => 'done',
    (error: Error & { readonly code?: string }) => error.code ?? error.message,
  );
}

const REFUSED = '42501';
const READ_ONLY = '25006';

describe('the role of the dashboards', () => {
  it.each(CLOSED)('reads nothing of %s', async (table) => {
    const own = columns.filter(({ table_name }) => table_name === table);
    expect(own.length).toBeGreaterThan(0);
    expect(own.filter(({ readable }) => readable)).toEqual([]);
    expect(await tryTo(`select count(*) from mallsync.${table}`)).toBe(REFUSED);
  });

  it.each(SECRET)('does not read %s', async (place) => {
    const [table = '', column = ''] = place.split('.');
    expect(columns.filter((each) => each.table_name === table && each.column_name === column)).toEqual([
      expect.objectContaining({ readable: false }),
    ]);
    expect(await tryTo(`select ${column} from mallsync.${table}`)).toBe(REFUSED);
  });

  it('reads eight tables, and of a table that comes later nothing', () => {
    const open = new Set(columns.filter(({ readable }) => readable).map(({ table_name }) => table_name));
    expect([...open].toSorted()).toEqual([
      'tb_batch_error_log',
      'tb_batch_execution_summary',
      'tb_batch_retry_request',
      'tb_batch_retry_request_item',
      'tb_coverage',
      'tb_mall_config',
      'tb_mall_credential',
      'tb_rate_budget',
    ]);
  });

  it('writes nothing, even where it says that it wants to', async () => {
    expect(await tryTo("update mallsync.tb_mall_config set name = 'x'")).toBe(READ_ONLY);
    await client.query('set default_transaction_read_only = off');
    expect(await tryTo("update mallsync.tb_mall_config set name = 'x'")).toBe(REFUSED);
    expect(await tryTo('delete from mallsync.tb_batch_execution_summary')).toBe(REFUSED);
    expect(await tryTo('create table mallsync.own (n integer)')).toBe(REFUSED);
  });

  it('does not hold the database up', async () => {
    const { rows } = await client.query<{ statement_timeout: string }>('show statement_timeout');
    expect(rows).toEqual([{ statement_timeout: '15s' }]);
  });
});
