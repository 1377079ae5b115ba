import type { AuditPage } from '../../adapters/postgres/read-models/audit-list.ts';
import { listAudit } from '../../adapters/postgres/read-models/audit-list.ts';
import type { AdminContext } from '../context.ts';
import { AUDIT_LIMIT, toAuditSpan, type AuditQuery } from './query.ts';

export interface AuditData extends AuditPage {
  readonly query: AuditQuery;
}

export async function loadAudit({ database }: AdminContext, query: AuditQuery): Promise<AuditData> {
  const { actor, action, target, before: beforeId, limit = AUDIT_LIMIT } = query;
  const page = await listAudit(database.pool, { actor, action, target, beforeId, limit, ...toAuditSpan(query) });
  return { ...page, query };
}
