import { sql } from 'slonik';
import type { AuditEntry } from '../audit-log.ts';
import { auditEntryRow } from '../audit-log.ts';
import type { QueryPool } from '../pool.ts';
import { toLikePattern } from './run-filter.ts';

/** What is undefined does not narrow. */
export interface AuditFilter {
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  /** The target, or how it begins. */
  readonly target?: string | undefined;
  readonly fromMs?: number | undefined;
  readonly untilMs?: number | undefined;
}

export interface AuditQuery extends AuditFilter {
  /** `nextBeforeId` of the page before. */
  readonly beforeId?: number | undefined;
  readonly limit: number;
}

export interface AuditPage {
  /** Newest first. */
  readonly entries: readonly AuditEntry[];
  /** Null at the end. */
  readonly nextBeforeId: number | null;
}

export async function listAudit(pool: QueryPool, query: AuditQuery): Promise<AuditPage> {
  const { actor, action, target, fromMs, untilMs, beforeId, limit } = query;
  const conditions = [
    actor === undefined ? undefined : sql.fragment`actor = ${actor}`,
    action === undefined ? undefined : sql.fragment`action = ${action}`,
    target === undefined ? undefined : sql.fragment`target like ${toLikePattern(target)}`,
    fromMs === undefined ? undefined : sql.fragment`at >= to_timestamp(${fromMs}::float8 / 1000)`,
    untilMs === undefined ? undefined : sql.fragment`at < to_timestamp(${untilMs}::float8 / 1000)`,
    beforeId === undefined
      ? undefined
      : sql.fragment`(at, audit_id) < (select at, audit_id from mallsync.tb_audit_log where audit_id = ${beforeId})`,
  ].filter((condition) => condition !== undefined);
  const found = await pool.any(sql.type(auditEntryRow)`
    select audit_id, at, actor, action, target, source, outcome, detail from mallsync.tb_audit_log
    where ${sql.join([sql.fragment`true`, ...conditions], sql.fragment` and `)}
    order by at desc, audit_id desc limit ${limit + 1}`);
  const entries = found.slice(0, limit);
  return { entries, nextBeforeId: found.length > limit ? (entries.at(-1)?.auditId ?? null) : null };
}
