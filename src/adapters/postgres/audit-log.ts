import { sql } from 'slonik';
import { z } from 'zod';
import type { QueryPool } from './pool.ts';

/** Who did what to what, from where, and what came of it. Holds no secret and nothing that tells of a member. */
export interface AuditRecord {
  readonly actor: string;
  /** What the command or page calls it, e.g. `malls deactivate`. */
  readonly action: string;
  readonly target: string;
  /** Where it came from: a host, an address. */
  readonly source: string;
  /** `done`, or the failure's word. */
  readonly outcome: string;
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

export interface AuditEntry extends AuditRecord {
  readonly auditId: number;
  readonly atMs: number;
}

export interface AuditLog {
  record(record: AuditRecord): Promise<void>;
  /** Newest first; `beforeId` goes on behind an entry of an earlier call. */
  listEntries(limit: number, beforeId?: number): Promise<readonly AuditEntry[]>;
}

export function createAuditLog({ pool }: { readonly pool: QueryPool }): AuditLog {
  return {
    record: (record) => insertRecord(pool, record),
    listEntries: (limit, beforeId) => selectEntries(pool, limit, beforeId ?? null),
  };
}

async function insertRecord(pool: QueryPool, record: AuditRecord): Promise<void> {
  await pool.query(sql.unsafe`
    insert into mallsync.tb_audit_log (actor, action, target, source, outcome, detail)
    values (${record.actor}, ${record.action}, ${record.target}, ${record.source}, ${record.outcome},
      ${JSON.stringify(record.detail)}::jsonb)`);
}

export const auditEntryRow = z
  .object({
    audit_id: z.number(),
    at: z.number(),
    actor: z.string(),
    action: z.string(),
    target: z.string(),
    source: z.string(),
    outcome: z.string(),
    detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  })
  .transform(({ audit_id: auditId, at: atMs, ...record }): AuditEntry => ({ auditId, atMs, ...record }));

async function selectEntries(pool: QueryPool, limit: number, beforeId: number | null): Promise<readonly AuditEntry[]> {
  return await pool.any(sql.type(auditEntryRow)`
    select audit_id, at, actor, action, target, source, outcome, detail from mallsync.tb_audit_log
    where audit_id < coalesce(${beforeId}::bigint, 9223372036854775807) order by audit_id desc limit ${limit}`);
}
