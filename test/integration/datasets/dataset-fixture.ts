import type { ClientBase } from 'pg';
import type { DatasetStore, WriteContext, WriteResult } from '../../../src/adapters/postgres/dataset-store.ts';
import type { TableRows } from '../../../src/adapters/postgres/dataset-writer-rows.ts';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { inTransaction } from '../../../src/adapters/postgres/page-session.ts';
import { CATALOG, createMapper, createStore } from '../../../src/datasets/catalog.ts';
import type { MapperOptions } from '../../../src/datasets/table-mapper.ts';
import type { DomainType } from '../../../src/domain/domain-type.ts';
import type { MappedRow, RowMapper } from '../../../src/engine/row-mapper.ts';
import type { ApiRow } from '../../support/dataset-rows.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

export interface DatasetFixture {
  readonly test: TestDatabase;
  readonly database: Database;
  readonly mapper: RowMapper<TableRows>;
  readonly store: DatasetStore<TableRows>;
  map(rows: readonly ApiRow[]): readonly MappedRow<TableRows>[];
  /** Maps and writes the rows in one transaction. */
  write(rows: readonly ApiRow[], context?: Partial<WriteContext>): Promise<WriteResult<TableRows>>;
  writeOn(
    client: ClientBase,
    rows: readonly ApiRow[],
    context?: Partial<WriteContext>,
  ): Promise<WriteResult<TableRows>>;
  /** An execution in the ledger, live unless said; resolves to its id. */
  addExecution(status?: string, mallId?: number): Promise<number>;
}

export const OBSERVED_AT_MS = Date.parse('2025-03-10T00:00:00Z');
const CONTEXT: WriteContext = { mallId: 1, executionId: 1, observedAtMs: OBSERVED_AT_MS };

export async function createDatasetFixture(
  domainType: DomainType,
  options: Partial<MapperOptions> = {},
): Promise<DatasetFixture> {
  const test = await createTestDatabase();
  const database = await test.open({ writerConnections: 4 });
  const dataset = CATALOG[domainType];
  const mapper = await createMapper(dataset, { pii: 'full', isErased: () => false, ...options });
  const store = await createStore(dataset, 'mallsync');
  const map = (rows: readonly ApiRow[]): readonly MappedRow<TableRows>[] =>
    rows.map((raw) => {
      const outcome = mapper.map(raw, null);
      if (outcome.kind !== 'row') throw new Error(`${outcome.kind}: ${JSON.stringify(raw)}`);
      return outcome.row;
    });
  const writeOn: DatasetFixture['writeOn'] = (client, rows, context = {}) =>
    store.write(client, { ...CONTEXT, ...context }, map(rows));
  return {
    test,
    database,
    mapper,
    store,
    map,
    writeOn,
    write: (rows, context) =>
      inTransaction(database, async (client) => {
        // else the server counts this backend's tuples some time later
        await client.query('select pg_stat_force_next_flush()');
        return writeOn(client, rows, context);
      }),
    addExecution: (status = 'RUNNING', mallId = 1) => addExecution(test, domainType, status, mallId),
  };
}

let periods = 0;

async function addExecution(
  test: TestDatabase,
  domainType: DomainType,
  status: string,
  mallId: number,
): Promise<number> {
  periods += 1;
  const [row] = await test.query<{ id: string }>(
    `with instance as (
       insert into mallsync.tb_batch_job_instance (mall_id, domain_type, period, start_date, end_date)
       values ($1, $2, tstzrange(to_timestamp($4::bigint), to_timestamp($4::bigint + 1)), '', '') returning instance_id)
     insert into mallsync.tb_batch_execution_summary
       (instance_id, mall_id, domain_type, start_date, end_date, page_size, attempt_count, reading, status, trigger, installation_id)
     select instance_id, $1, $2, '', '', 1000, 1, 1, $3, 'MANUAL', 'test' from instance returning execution_id as id`,
    [mallId, domainType, status, periods],
  );
  return Number(row?.id);
}

export interface WrittenTuples {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

/** Tuples that `write` has written to a table so far. */
export async function readWrittenTuples(test: TestDatabase, table: string): Promise<WrittenTuples> {
  const [row] = await test.query<{ inserted: string; updated: string; deleted: string }>(
    `select n_tup_ins as inserted, n_tup_upd as updated, n_tup_del as deleted
     from pg_stat_user_tables where schemaname = 'mallsync' and relname = $1`,
    [table],
  );
  return { inserted: Number(row?.inserted), updated: Number(row?.updated), deleted: Number(row?.deleted) };
}
