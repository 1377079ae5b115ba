import { hostname } from 'node:os';
import { createAuditLog, type AuditRecord } from '../adapters/postgres/audit-log.ts';
import type { QueryPool } from '../adapters/postgres/pool.ts';
import { toSyncError } from '../domain/errors.ts';
import { findActor } from './actor.ts';
import type { CommandIo } from './command.ts';

type AuditSubject = Pick<AuditRecord, 'action' | 'target'>;
type AuditDetail = AuditRecord['detail'];

export async function recordAudit(
  pool: QueryPool,
  io: CommandIo,
  subject: AuditSubject,
  detail: AuditDetail,
  outcome = 'done',
): Promise<void> {
  const actor = findActor(io.environment);
  await createAuditLog({ pool }).record({ ...subject, actor, source: `cli ${hostname()}`, outcome, detail });
}

/** Does the work and records it, also when it fails. */
export async function audited<T>(
  pool: QueryPool,
  io: CommandIo,
  subject: AuditSubject,
  work: () => Promise<{ readonly result: T; readonly detail: AuditDetail }>,
): Promise<T> {
  try {
    const { result, detail } = await work();
    await recordAudit(pool, io, subject, detail);
    return result;
  } catch (error) {
    // what failed may be the database itself; its own error says more than that of this record
    await recordAudit(pool, io, subject, {}, toSyncError(error).reason).catch(() => undefined);
    throw error;
  }
}
