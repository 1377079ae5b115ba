import type { ErrorPage } from '../../adapters/postgres/error-log.ts';
import { createErrorLog } from '../../adapters/postgres/error-log.ts';
import type { RunDetail } from '../../adapters/postgres/read-models/run-detail.ts';
import { loadRun } from '../../adapters/postgres/read-models/run-detail.ts';
import type { WindowRecord } from '../../adapters/postgres/status-reader.ts';
import { listWindows } from '../../adapters/postgres/status-reader.ts';
import { findExecution } from '../../adapters/postgres/execution-store.ts';
import type { ExecutionRecord } from '../../adapters/postgres/execution-record.ts';
import { maskKey } from '../../domain/mask-key.ts';
import { NotFound } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import type { Lang } from '../text/lang.ts';
import { ERRORS_LIMIT, type RunErrorsQuery } from './query.ts';
import { RUN_TEXT } from './text.ts';

/** @throws NotFound */
export async function loadRunDetail({ database }: AdminContext, executionId: number, lang: Lang): Promise<RunDetail> {
  const run = await loadRun(database.pool, executionId);
  if (run === null) throw new NotFound(RUN_TEXT[lang].notFound(String(executionId)));
  return run;
}

/** @throws NotFound */
export async function loadRunRecord(
  { database }: AdminContext,
  executionId: number,
  lang: Lang,
): Promise<ExecutionRecord> {
  const record = await findExecution(database, executionId);
  if (record === null) throw new NotFound(RUN_TEXT[lang].notFound(String(executionId)));
  return record;
}

/** @throws NotFound */
export async function loadRunWindows(
  context: AdminContext,
  executionId: number,
  lang: Lang,
): Promise<readonly WindowRecord[]> {
  await loadRunRecord(context, executionId, lang);
  return await listWindows(context.database.pool, executionId);
}

export interface RunErrors extends ErrorPage {
  readonly record: ExecutionRecord;
  readonly query: RunErrorsQuery;
}

/** The keys of rows are masked. @throws NotFound */
export async function loadRunErrors(
  context: AdminContext,
  executionId: number,
  query: RunErrorsQuery,
  lang: Lang,
): Promise<RunErrors> {
  const record = await loadRunRecord(context, executionId, lang);
  const { fingerprint, status, before, limit = ERRORS_LIMIT } = query;
  const log = createErrorLog(context.database);
  const { entries, nextBeforeId } = await log.listEntries({ executionId, fingerprint, status }, limit, before);
  const masked = entries.map((entry) => ({
    ...entry,
    rowKey: entry.rowKey === null ? null : maskKey(entry.domainType, entry.rowKey),
  }));
  return { record, query, entries: masked, nextBeforeId };
}
