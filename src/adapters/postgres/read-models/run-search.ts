import { sql, type FragmentSqlToken } from 'slonik';
import { z } from 'zod';
import { FAILURES, isFailureReason } from '../../../domain/failure.ts';
import type { QueryPool } from '../pool.ts';
import { beginsWith, HAS_FAILED, isOfMall, toLikePattern } from './run-filter.ts';

/** What a text may mean. An execution is found when one of them holds of it. */
export interface RunSearch {
  readonly arms: readonly FragmentSqlToken[];
  /** Those of the arms that may hold of a large part of all executions. */
  readonly wideArms: readonly FragmentSqlToken[];
}

const REASON_OF = new Map(
  Object.keys(FAILURES)
    .filter(isFailureReason)
    .map((reason) => [reason.toLowerCase(), reason]),
);

const JOB_NAME = /^ms-([a-z]+)-(\d{1,15})(?:-|$)/;

/** Looks up the malls that the text may name; more than `fewMalls` of them are a wide arm. */
export async function loadRunSearch(pool: QueryPool, text: string, fewMalls: number): Promise<RunSearch> {
  const mallIds = await listMalls(pool, text);
  const ofMall = mallIds.length === 0 ? undefined : isOfMall(mallIds);
  const ofMallSync = beginsWith('mallsync_name', text);
  const arms = [ofMall, ofMallSync, isExecution(text), isOfJob(text), hasReason(text), hasWords(text)];
  return {
    arms: arms.filter((arm) => arm !== undefined),
    wideArms: mallIds.length > fewMalls && ofMall !== undefined ? [ofMallSync, ofMall] : [ofMallSync],
  };
}

async function listMalls(pool: QueryPool, text: string): Promise<readonly number[]> {
  const part = `%${toLikePattern(text)}`;
  return await pool.anyFirst(sql.type(z.object({ mall_id: z.int() }))`
    select mall_id from mallsync.tb_mall_config
    where mall_id = ${toId(text)}::bigint or cafe24_mall_id ilike ${part} or name ilike ${part} order by mall_id`);
}

function toId(text: string): number | null {
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function isExecution(text: string): FragmentSqlToken | undefined {
  const id = toId(text);
  return id === null ? undefined : sql.fragment`execution.execution_id = ${id}`;
}

/** A Job is named after its domain type and mall, which have an index; the name of one of its pods will do, too. */
function isOfJob(text: string): FragmentSqlToken | undefined {
  const match = JOB_NAME.exec(text.toLowerCase());
  if (match === null) return undefined;
  const name = text.toLowerCase();
  return sql.fragment`execution.mall_id = ${Number(match[2])} and execution.domain_type = ${(match[1] ?? '').toUpperCase()}
    and (${beginsWith('job_name', name)} or starts_with(${name}, execution.job_name || '-'))`;
}

function hasReason(text: string): FragmentSqlToken | undefined {
  const reason = REASON_OF.get(text.toLowerCase());
  return reason && sql.fragment`execution.failure_reason = ${reason} and ${HAS_FAILED}`;
}

function hasWords(text: string): FragmentSqlToken {
  return sql.fragment`to_tsvector('simple', execution.failure_message) @@ plainto_tsquery('simple', ${text})
    and execution.failure_message is not null`;
}
