import { createAuditLog, type AuditRecord } from '../adapters/postgres/audit-log.ts';
import type { QueryPool } from '../adapters/postgres/pool.ts';
import { toSyncError } from '../domain/errors.ts';

/** Does the work and records what came of it, also when it fails. */
export async function audited<T>(
  pool: QueryPool,
  record: AuditRecord,
  work: () => Promise<{ readonly result: T; readonly detail: AuditRecord['detail'] }>,
): Promise<T> {
  const log = createAuditLog({ pool });
  try {
    const { result, detail } = await work();
    await log.record({ ...record, detail: { ...record.detail, ...detail } });
    return result;
  } catch (error) {
    // what failed may be the database itself; its own error says more than that of this record
    await log.record({ ...record, outcome: toSyncError(error).reason }).catch(() => undefined);
    throw error;
  }
}
