import type { Context } from 'hono';
import type { AuditRecord } from '../../adapters/postgres/audit-log.ts';
import { createAuditLog } from '../../adapters/postgres/audit-log.ts';
import { toSyncError } from '../../domain/errors.ts';
import { BadInput, NotFound } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import type { AdminEnv } from '../env.ts';

type AuditSubject = Pick<AuditRecord, 'action' | 'target'>;

/** Does the visitor's act and records it, also when it fails; `target` may be a mall, a run, a request's key. */
export async function audited<T>(
  c: Context<AdminEnv>,
  context: AdminContext,
  subject: AuditSubject,
  work: () => Promise<{ readonly result: T; readonly detail: AuditRecord['detail'] }>,
): Promise<T> {
  const { name: actor, source } = c.get('visitor');
  const log = createAuditLog(context.database);
  const record = (outcome: string, detail: AuditRecord['detail']): Promise<void> =>
    log.record({ ...subject, actor, source, outcome, detail });
  try {
    const { result, detail } = await work();
    await record('done', detail);
    return result;
  } catch (error) {
    // what failed may be the database itself; its own error says more than that of this record
    await record(toOutcome(error), {}).catch(() => undefined);
    throw error;
  }
}

function toOutcome(error: unknown): string {
  if (error instanceof BadInput) return `refused: ${error.field}`;
  return error instanceof NotFound ? 'not found' : toSyncError(error).reason;
}
