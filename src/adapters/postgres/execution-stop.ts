import type { PoolClient } from 'pg';
import { z } from 'zod';
import { EXIT } from '../../domain/exit-code.ts';
import { FAILURES, type FailureReason } from '../../domain/failure.ts';
import type { Database } from './database.ts';
import { addTotals, buildRunTotals } from './ledger-metric.ts';
import { toStorableText } from './ledger-text.ts';
import { inTransaction, runStatement, type Statement } from './page-session.ts';

const LIVE = `status in ('REQUESTED', 'RUNNING', 'WAITING')`;

/** The fence rises, so that whoever still runs it writes nothing more. */
const SET_ENDED = `fence_token = fence_token + 1, ended_at = now(), lease_until = null`;

const RETURNED = `execution_id, domain_type, extract(epoch from ended_at - started_at)::float8 as duration_seconds`;

const STOP: Statement = {
  name: 'stop-execution',
  sql: `update mallsync.tb_batch_execution_summary set ${SET_ENDED}, status = 'STOPPED', exit_code = $2,
      failure_reason = 'Stopped', failure_message = $3
    where execution_id = $1 and ${LIVE} returning ${RETURNED}`,
};

const ABANDON: Statement = {
  name: 'abandon-executions',
  sql: `update mallsync.tb_batch_execution_summary as execution set ${SET_ENDED}, status = 'ABANDONED', exit_code = $2,
      failure_reason = 'Lost', failure_message = $3
    where ${LIVE} and coalesce(lease_until, launched_at, requested_at) < now() - make_interval(hours => $1)
      and (mallsync_uid is null and job_name is null or mallsync_uid is not null and not exists (
        select from mallsync.tb_controller_epoch as controller
        where controller.installation_id = execution.installation_id
          and controller.updated_at > now() - make_interval(hours => $1)))
    returning ${RETURNED}`,
};

const endedRow = z.object({
  execution_id: z.int(),
  domain_type: z.string(),
  duration_seconds: z.number().nullable(),
});

const HOURS_WITHOUT_LEASE = 24;

/** Ends a live execution, whoever holds it; false when it was not live any more. */
export function stopExecution(database: Database, executionId: number, message: string): Promise<boolean> {
  return inTransaction(database, async (client) => {
    const values = [executionId, EXIT.stopped, toStorableText(message)];
    const { rows } = await runStatement(database, client, STOP, values);
    await countEnded(database, client, rows, 'STOPPED', 'Stopped');
    return rows.length === 1;
  });
}

/**
 * Gives up live executions that have had no lease for a day: local ones, and those of an installation whose controller
 * has not been heard of for as long, since its MallSyncs are nobody's. @returns their ids
 */
export function abandonLostExecutions(database: Database): Promise<readonly number[]> {
  return inTransaction(database, (client) => abandonLost(database, client));
}

/** The same in a transaction of the caller's. */
export async function abandonLost(database: Database, client: PoolClient): Promise<readonly number[]> {
  const message = `nobody held it for ${HOURS_WITHOUT_LEASE} hours`;
  const values = [HOURS_WITHOUT_LEASE, FAILURES.Lost.exitCode, message];
  const { rows } = await runStatement(database, client, ABANDON, values);
  return countEnded(database, client, rows, 'ABANDONED', 'Lost');
}

async function countEnded(
  database: Database,
  client: PoolClient,
  rows: readonly unknown[],
  status: string,
  reason: FailureReason,
): Promise<readonly number[]> {
  const ended = z.array(endedRow).parse(rows);
  const totals = ended.flatMap((row) => buildRunTotals(row.domain_type, status, reason, row.duration_seconds));
  const first = ended[0];
  if (first !== undefined) await addTotals(database, client, first.execution_id, totals);
  return ended.map((row) => row.execution_id);
}
