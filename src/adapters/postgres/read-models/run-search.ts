import { sql, type FragmentSqlToken } from 'slonik';
import { z } from 'zod';
import { FAILURES, isFailureReason, type FailureReason } from '../../../domain/failure.ts';
import type { QueryPool } from '../pool.ts';
import { beginsWith, toLikePattern } from './run-filter.ts';

const REASON_OF = new Map(
  Object.keys(FAILURES)
    .filter(isFailureReason)
    .map((reason) => [reason.toLowerCase(), reason]),
);

/** What a person typed, as what may be meant by it. */
export interface RunSearch {
  readonly text: string;
  readonly executionId: number | null;
  readonly mallIds: readonly number[];
  readonly reason: FailureReason | null;
}

/** Looks up the malls that the text may name. @returns null for an empty text */
export async function loadRunSearch(pool: QueryPool, typed: string): Promise<RunSearch | null> {
  const text = typed.trim();
  if (text === '') return null;
  const id = /^\d{1,15}$/.test(text) ? Number(text) : null;
  const mallIds = await pool.anyFirst(sql.type(z.object({ mall_id: z.int() }))`
    select mall_id from mallsync.tb_mall_config
    where mall_id = ${id}::bigint or cafe24_mall_id ilike ${`%${toLikePattern(text)}`} or name ilike ${`%${toLikePattern(text)}`}
    order by mall_id`);
  return { text, executionId: id, mallIds, reason: REASON_OF.get(text.toLowerCase()) ?? null };
}

/** One of them must hold. */
export function toSearchArms({ text, executionId, mallIds, reason }: RunSearch): readonly FragmentSqlToken[] {
  return [
    executionId === null ? undefined : sql.fragment`execution.execution_id = ${executionId}`,
    mallIds.length === 0 ? undefined : sql.fragment`execution.mall_id = any(${sql.array([...mallIds], 'int8')})`,
    beginsWith('mallsync_name', text),
    beginsWith('job_name', text),
    reason === null ? undefined : sql.fragment`execution.failure_reason = ${reason}`,
    sql.fragment`to_tsvector('simple', execution.failure_message) @@ plainto_tsquery('simple', ${text})`,
  ].filter((arm) => arm !== undefined);
}
