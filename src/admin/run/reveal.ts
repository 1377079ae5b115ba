import type { Context } from 'hono';
import { createErrorLog } from '../../adapters/postgres/error-log.ts';
import type { RevealedRow } from '../../adapters/postgres/read-models/reveal-row.ts';
import { revealRow } from '../../adapters/postgres/read-models/reveal-row.ts';
import { CATALOG } from '../../datasets/catalog.ts';
import { NotFound } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import type { AdminEnv } from '../env.ts';
import { audited } from '../security/audited.ts';
import { ROW_TEXT } from './row-text.ts';

export interface RevealSubject {
  readonly executionId: number;
  readonly errorId: number;
}

/**
 * The row in clear; shown only once that somebody looked stands in the audit log.
 * @throws NotFound when the run has no such rejected row
 */
export async function revealAudited(
  c: Context<AdminEnv>,
  context: AdminContext,
  { executionId, errorId }: RevealSubject,
): Promise<RevealedRow> {
  const subject = { action: 'errors reveal', target: `run ${executionId} rejected row ${errorId}` };
  const { pool } = context.database;
  return await audited(c, context, subject, async () => {
    const { entries } = await createErrorLog({ pool }).listEntries({ executionId }, 1, errorId + 1);
    const isOfRun = entries.some((entry) => entry.errorId === errorId);
    const row = isOfRun ? await revealRow(context.database, errorId, (domain) => CATALOG[domain].mapping.table) : null;
    if (row === null) throw new NotFound(ROW_TEXT[c.get('lang')].errorNotFound);
    const { mallId, domainType } = row;
    return { result: row, detail: { mallId, domainType, isStored: row.row !== null } };
  });
}
