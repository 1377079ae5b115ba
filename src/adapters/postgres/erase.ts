import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { DomainType } from '../../domain/domain-type.ts';
import type { Database } from './database.ts';
import { hashMember, nameErasureLock } from './erased-members.ts';
import type { KeyRing } from './key-ring.ts';
import { inTransaction } from './page-session.ts';
import { quoteIdentifier } from './schema-name.ts';

/** A table that tells of members, as its dataset describes it. */
export interface PersonalTable {
  /** Without schema. */
  readonly name: string;
  readonly domainType: DomainType;
  readonly memberColumn: string;
  readonly erasure: RowErasure;
}

export type RowErasure =
  /** The row is the member; the error log knows it as `shop_no|member_id`. */
  | { readonly kind: 'delete' }
  /** The row stays and its columns get their defaults; the error log knows it as `shop_no|<idColumn>`. */
  | { readonly kind: 'empty'; readonly columns: readonly string[]; readonly idColumn: string };

export interface ErasedMember {
  readonly mallId: number;
  readonly memberId: string;
}

export interface ErasureResult {
  /** Rows deleted or emptied. */
  readonly rows: number;
  /** Entries of the error log deleted or emptied. */
  readonly logEntries: number;
  /** Runs that had read the member perhaps and not yet written: they lose their lease and go on under a new claim. */
  readonly interruptedExecutions: readonly number[];
  /** Names the member in the audit log without telling who it was. */
  readonly memberHash: string;
}

/**
 * Removes a member from everything that is kept of the mall, in one transaction, and keeps a keyed hash by which later
 * readings leave the member out. Done again, it removes what is there then. Orders placed without logging in name no
 * member and are not found.
 */
export async function eraseMember(
  database: Database,
  ring: KeyRing,
  { mallId, memberId }: ErasedMember,
  tables: readonly PersonalTable[],
): Promise<ErasureResult> {
  const hash = hashMember(ring, ring.firstKeyId, mallId, memberId);
  return await inTransaction(database, async (client) => {
    await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [nameErasureLock(mallId)]);
    const interruptedExecutions = await interruptRuns(database, client, mallId, tables);
    let rows = 0;
    let logEntries = 0;
    for (const table of tables) {
      logEntries += await eraseLogEntries(database, client, mallId, memberId, table);
      rows += await eraseRows(database, client, mallId, memberId, table);
    }
    await saveHash(database, client, mallId, hash, ring.firstKeyId);
    return { rows, logEntries, interruptedExecutions, memberHash: hash.toString('hex').slice(0, 16) };
  });
}

/**
 * A page that was fetched before may hold the member. Its commit begins by locking the execution under its fence token,
 * so a raised token keeps it out, and whoever claims the execution next loads what is erased by now.
 */
async function interruptRuns(
  database: Database,
  client: ClientBase,
  mallId: number,
  tables: readonly PersonalTable[],
): Promise<readonly number[]> {
  const domainTypes = [...new Set(tables.map((table) => table.domainType))];
  const { rows } = await client.query(
    database.toSchema(`update mallsync.tb_batch_execution_summary
      set fence_token = fence_token + 1, lease_until = clock_timestamp(), last_message = 'a member was erased meanwhile'
      where execution_id in (
        select execution_id from mallsync.tb_batch_execution_summary
        where mall_id = $1 and domain_type = any($2) and status in ('REQUESTED', 'RUNNING', 'WAITING') and fence_token > 0
        order by execution_id for update)
      returning execution_id`),
    [mallId, domainTypes],
  );
  return z
    .array(z.object({ execution_id: z.number() }))
    .parse(rows)
    .map((row) => row.execution_id);
}

async function eraseRows(
  database: Database,
  client: ClientBase,
  mallId: number,
  memberId: string,
  { name, memberColumn, erasure }: PersonalTable,
): Promise<number> {
  const where = `where mall_id = $1 and ${quoteIdentifier(memberColumn)} = $2`;
  const statement =
    erasure.kind === 'delete'
      ? `delete from mallsync.${name} ${where}`
      : `update mallsync.${name} set ${erasure.columns.map((column) => `${quoteIdentifier(column)} = default`).join(', ')} ${where}`;
  const { rowCount } = await client.query(database.toSchema(statement), [mallId, memberId]);
  return rowCount ?? 0;
}

async function eraseLogEntries(
  database: Database,
  client: ClientBase,
  mallId: number,
  memberId: string,
  { name, domainType, memberColumn, erasure }: PersonalTable,
): Promise<number> {
  const statement =
    erasure.kind === 'delete'
      ? `delete from mallsync.tb_batch_error_log
        where mall_id = $1 and domain_type = $3 and substr(row_key, strpos(row_key, '|') + 1) = $2`
      : `update mallsync.tb_batch_error_log set payload = null
        where mall_id = $1 and domain_type = $3 and row_key in (
          select shop_no || '|' || ${quoteIdentifier(erasure.idColumn)} from mallsync.${name}
          where mall_id = $1 and ${quoteIdentifier(memberColumn)} = $2)`;
  const { rowCount } = await client.query(database.toSchema(statement), [mallId, memberId, domainType]);
  return rowCount ?? 0;
}

async function saveHash(
  database: Database,
  client: ClientBase,
  mallId: number,
  hash: Buffer,
  keyId: string,
): Promise<void> {
  await client.query(
    database.toSchema(`insert into mallsync.tb_erased_member (mall_id, member_hash, key_id) values ($1, $2, $3)
      on conflict (mall_id, member_hash) do nothing`),
    [mallId, hash, keyId],
  );
}
