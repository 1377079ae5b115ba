import type { PoolClient } from 'pg';
import { z } from 'zod';
import { TerminalError } from '../../domain/errors.ts';
import type { ClaimedExecution } from '../../domain/execution.ts';
import { EXIT } from '../../domain/exit-code.ts';
import type { FailureReason } from '../../domain/failure.ts';
import type { ExecutionEnd } from '../../engine/ledger.ts';
import { growCoverage } from './coverage.ts';
import type { Database } from './database.ts';
import { lockExecution, toLeaseLost } from './execution-fence.ts';
import { clearFailureEntry, saveFailureEntries } from './execution-failure.ts';
import { parseEnd, RETURNED_END } from './execution-end.ts';
import { addTotals, buildRunTotals } from './ledger-metric.ts';
import { toStorableText } from './ledger-text.ts';
import { inTransaction, runStatement, type Statement } from './page-session.ts';

export interface Failure {
  readonly reason: FailureReason;
  readonly message: string;
  readonly exitCode: number;
}

type Verdict = { readonly status: 'COMPLETED' | 'COMPLETED_WITH_REJECTS' } | ({ readonly status: 'FAILED' } & Failure);

const COUNT_WINDOWS: Statement = {
  name: 'count-windows',
  sql: `select count(*) as total, count(*) filter (where state not in ('COMPLETE', 'COMPLETE_WITH_REJECTS')) as missing,
      count(*) filter (where state = 'COMPLETE_WITH_REJECTS') as with_rejects,
      (array_agg('window ' || n || ' (shop ' || shop_no || ', ' || date_type || '): ' || coalesce(message, 'not read to its end')
        order by n) filter (where state not in ('COMPLETE', 'COMPLETE_WITH_REJECTS')))[1] as first_message
    from mallsync.tb_batch_window where instance_id = $1 and reading = $2`,
};

const COUNT_REJECTS: Statement = {
  name: 'count-rejects',
  sql: `select rejected from mallsync.tb_batch_execution_summary where execution_id = $1`,
};

const END: Statement = {
  name: 'end-execution',
  sql: `update mallsync.tb_batch_execution_summary set status = $2, exit_code = $3, failure_reason = $4,
      failure_message = $5, ended_at = now(), lease_until = null
    where execution_id = $1 returning ${RETURNED_END}`,
};

const FIND_OWN_END: Statement = {
  name: 'find-own-end',
  sql: `select ${RETURNED_END} from mallsync.tb_batch_execution_summary
    where execution_id = $1 and fence_token = $2 and status in ('COMPLETED', 'COMPLETED_WITH_REJECTS', 'FAILED')`,
};

const RELEASE: Statement = {
  name: 'release-execution',
  sql: `update mallsync.tb_batch_execution_summary
    set lease_until = clock_timestamp(), last_reason = $2, last_message = $3, pod = null where execution_id = $1`,
};

const windowCounts = z.object({
  total: z.int(),
  missing: z.int(),
  with_rejects: z.int(),
  first_message: z.string().nullable(),
});

export function settleExecution(database: Database, execution: ClaimedExecution): Promise<ExecutionEnd> {
  return endOnce(database, execution, (client) => judge(database, client, execution));
}

export function failExecution(
  database: Database,
  execution: ClaimedExecution,
  failure: Failure,
): Promise<ExecutionEnd> {
  return endOnce(database, execution, async () => ({ status: 'FAILED', ...failure }));
}

export function releaseExecution(
  database: Database,
  execution: ClaimedExecution,
  reason: FailureReason,
  message: string,
): Promise<void> {
  return inTransaction(database, async (client) => {
    await lockExecution(database, client, execution);
    await runStatement(database, client, RELEASE, [execution.executionId, reason, toStorableText(message)]);
  });
}

/** An execution that this very fence token has ended already, by a try whose answer was lost, keeps its end. */
function endOnce(
  database: Database,
  execution: ClaimedExecution,
  decide: (client: PoolClient) => Promise<Verdict>,
): Promise<ExecutionEnd> {
  return inTransaction(database, async (client) => {
    const { executionId, fenceToken } = execution;
    const ended = await runStatement(database, client, FIND_OWN_END, [executionId, fenceToken]);
    if (ended.rows.length > 0) return parseEnd(ended.rows[0]).end;
    await lockExecution(database, client, execution);
    return end(database, client, execution, await decide(client));
  });
}

async function judge(database: Database, client: PoolClient, execution: ClaimedExecution): Promise<Verdict> {
  const { instanceId, reading, executionId, mode } = execution;
  if (mode === 'REPLAY') {
    const { rows } = await runStatement(database, client, COUNT_REJECTS, [executionId]);
    const { rejected } = z.object({ rejected: z.int() }).parse(rows[0]);
    return { status: rejected > 0 ? 'COMPLETED_WITH_REJECTS' : 'COMPLETED' };
  }
  const { rows } = await runStatement(database, client, COUNT_WINDOWS, [instanceId, reading]);
  const windows = windowCounts.parse(rows[0]);
  if (windows.total === 0) throw new TerminalError('Bug', `reading ${reading} was settled before it was planned`);
  if (windows.missing === 0) return { status: windows.with_rejects > 0 ? 'COMPLETED_WITH_REJECTS' : 'COMPLETED' };
  return {
    status: 'FAILED',
    reason: 'IncompleteRead',
    message: `${windows.missing} of ${windows.total} windows are incomplete; ${windows.first_message}`,
    exitCode: EXIT.data,
  };
}

/** Rows are touched in the order of every transaction: the execution, coverage, the error log, totals. */
async function end(
  database: Database,
  client: PoolClient,
  execution: ClaimedExecution,
  verdict: Verdict,
): Promise<ExecutionEnd> {
  const failure = verdict.status === 'FAILED' ? verdict : null;
  const { rows } = await runStatement(database, client, END, [
    execution.executionId,
    verdict.status,
    failure?.exitCode ?? EXIT.ok,
    failure?.reason ?? null,
    failure === null ? null : toStorableText(failure.message),
  ]);
  if (rows.length === 0) throw toLeaseLost(execution);
  const { end: result, durationSeconds } = parseEnd(rows[0]);
  await growCoverage(database, client, execution);
  if (failure !== null) {
    const { reason, message } = failure;
    await saveFailureEntries(database, client, execution.domainType, [{ ...execution, reason, message }]);
  } else if (execution.mode !== 'REPLAY') {
    await clearFailureEntry(database, client, execution);
  }
  const totals = buildRunTotals(execution.domainType, verdict.status, failure?.reason ?? '', durationSeconds);
  await addTotals(database, client, execution.executionId, totals);
  return result;
}
