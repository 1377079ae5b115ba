import type { PoolClient } from 'pg';
import { LeaseLostError } from '../../domain/errors.ts';
import type { ClaimedExecution } from '../../domain/execution.ts';
import type { Database } from './database.ts';
import { inTransaction, runStatement, type Statement } from './page-session.ts';

const LOCK: Statement = {
  name: 'lock-execution',
  sql: `select 1 from mallsync.tb_batch_execution_summary
    where execution_id = $1 and fence_token = $2 and status in ('REQUESTED', 'RUNNING', 'WAITING')
    for no key update`,
};

const EXTEND: Statement = {
  name: 'extend-lease',
  sql: `update mallsync.tb_batch_execution_summary
    set lease_until = clock_timestamp() + make_interval(secs => $2) where execution_id = $1`,
};

export function toLeaseLost(execution: ClaimedExecution): LeaseLostError {
  return new LeaseLostError(
    `execution ${execution.executionId} is no longer held under fence token ${execution.fenceToken}`,
  );
}

/** Locks the execution where it is live and ours. @throws LeaseLostError when it is not */
export async function lockExecution(
  database: Database,
  client: PoolClient,
  execution: ClaimedExecution,
): Promise<void> {
  const locked = await runStatement(database, client, LOCK, [execution.executionId, execution.fenceToken]);
  if (locked.rowCount !== 1) throw toLeaseLost(execution);
}

/** One transaction under the execution's lock; its lease is extended with what `work` writes. */
export function inFence<T>(
  database: Database,
  execution: ClaimedExecution,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  return inTransaction(database, async (client) => {
    await lockExecution(database, client, execution);
    const result = await work(client);
    await runStatement(database, client, EXTEND, [execution.executionId, database.leaseSeconds]);
    return result;
  });
}
