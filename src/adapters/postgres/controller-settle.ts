import type { PoolClient } from 'pg';
import { z } from 'zod';
import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import { MODES } from '../../domain/execution.ts';
import { FAILURES, type FailureReason } from '../../domain/failure.ts';
import { growCoverage, growCoverages } from './coverage.ts';
import type { Database } from './database.ts';
import { saveFailureEntries } from './execution-failure.ts';
import { buildRunTotals, type MetricTotal } from './ledger-metric.ts';
import { toStorableText } from './ledger-text.ts';
import { runStatement, type Statement } from './page-session.ts';

export interface RunEnd {
  readonly status: 'FAILED' | 'STOPPED';
  readonly reason: FailureReason;
  readonly message: string;
}

export const lockedRuns = z.array(
  z
    .object({
      execution_id: z.int(),
      instance_id: z.int(),
      mall_id: z.int(),
      domain_type: z.enum(DOMAIN_TYPES),
      reading: z.int(),
      mode: z.enum(MODES),
      has_started: z.boolean(),
      is_live: z.boolean(),
      is_recorded: z.boolean(),
    })
    .transform((row) => ({
      executionId: row.execution_id,
      instanceId: row.instance_id,
      mallId: row.mall_id,
      domainType: row.domain_type,
      reading: row.reading,
      mode: row.mode,
      hasStarted: row.has_started,
      isLive: row.is_live,
      isRecorded: row.is_recorded,
    })),
);

export type LockedRun = z.output<typeof lockedRuns>[number];

/** In order of executionId, as whoever locks several must. */
export const LOCKED_RUN_COLUMNS = `execution_id, instance_id, mall_id, domain_type, reading, mode,
  started_at is not null as has_started, status in ('REQUESTED', 'RUNNING', 'WAITING') as is_live,
  recorded_at is not null as is_recorded`;

/** The fence rises, so that whoever still runs it writes nothing more. */
const END: Statement = {
  name: 'end-runs',
  sql: `update mallsync.tb_batch_execution_summary as execution set status = ended.status, exit_code = ended.exit_code,
      failure_reason = ended.reason, failure_message = ended.message, ended_at = now(), recorded_at = now(),
      lease_until = null, fence_token = fence_token + 1
    from unnest($1::bigint[], $2::text[], $3::integer[], $4::text[], $5::text[])
      as ended (execution_id, status, exit_code, reason, message)
    where execution.execution_id = ended.execution_id
    returning execution.execution_id, extract(epoch from ended_at - started_at)::float8 as duration_seconds`,
};

const endedRows = z.array(z.object({ execution_id: z.int(), duration_seconds: z.number().nullable() }));

/**
 * Settles live runs of one MallSync that the transaction has locked, and counts them as recorded. Rows are touched in the
 * order of every transaction: executions, coverage, the error log; totals are the caller's to add last.
 */
export async function endRuns(
  database: Database,
  client: PoolClient,
  runs: readonly (LockedRun & { readonly end: RunEnd })[],
): Promise<readonly MetricTotal[]> {
  const [first] = runs;
  if (first === undefined) return [];
  const { rows } = await runStatement(database, client, END, [
    runs.map(({ executionId }) => executionId),
    runs.map(({ end }) => end.status),
    runs.map(({ end }) => FAILURES[end.reason].exitCode),
    runs.map(({ end }) => end.reason),
    runs.map(({ end }) => toStorableText(end.message)),
  ]);
  const durations = new Map(endedRows.parse(rows).map((row) => [row.execution_id, row.duration_seconds]));
  await growCoverageOf(database, client, runs);
  const failed = runs.filter(({ end }) => end.status === 'FAILED');
  if (failed.length > 0) {
    const entries = failed.map(({ end, ...run }) => ({ ...run, reason: end.reason, message: end.message }));
    await saveFailureEntries(database, client, first.domainType, entries);
  }
  return runs.flatMap(({ executionId, domainType, end }) =>
    buildRunTotals(domainType, end.status, end.reason, durations.get(executionId) ?? null),
  );
}

/** What was read whole stays known as covered, whatever became of the rest. */
async function growCoverageOf(database: Database, client: PoolClient, runs: readonly LockedRun[]): Promise<void> {
  const started = runs.filter(({ hasStarted }) => hasStarted);
  const readings = started.filter(({ mode }) => mode !== 'REPLAY');
  const [first] = readings;
  if (first !== undefined) await growCoverages(database, client, first.domainType, readings);
  for (const replay of started.filter(({ mode }) => mode === 'REPLAY')) await growCoverage(database, client, replay);
}
