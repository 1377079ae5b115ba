import type { LeaseKeeper } from '../../engine/ledger.ts';
import type { Database } from './database.ts';
import { toLeaseLost } from './execution-fence.ts';
import { runStatement, type Statement } from './page-session.ts';

/** Skips a row that a page of ours holds: that page extends the lease itself. */
const RENEW: Statement = {
  name: 'renew-lease',
  sql: `with mine as (
      select execution_id from mallsync.tb_batch_execution_summary
      where execution_id = $1 and fence_token = $2 and status in ('REQUESTED', 'RUNNING', 'WAITING')
      for no key update skip locked
    )
    update mallsync.tb_batch_execution_summary as execution
    set lease_until = clock_timestamp() + make_interval(secs => $3), status = $4
    from mine where execution.execution_id = mine.execution_id`,
};

const IS_MINE: Statement = {
  name: 'is-lease-mine',
  sql: `select 1 from mallsync.tb_batch_execution_summary
    where execution_id = $1 and fence_token = $2 and status in ('REQUESTED', 'RUNNING', 'WAITING')`,
};

export function createLeaseKeeper(database: Database): LeaseKeeper {
  return {
    renew: (execution, state) =>
      database.withLeaseSession(async (client) => {
        const { executionId, fenceToken } = execution;
        const values = [executionId, fenceToken, database.leaseSeconds, state];
        const renewed = await runStatement(database, client, RENEW, values);
        if (renewed.rowCount === 1) return;
        const mine = await runStatement(database, client, IS_MINE, [executionId, fenceToken]);
        if (mine.rowCount !== 1) throw toLeaseLost(execution);
      }),
  };
}
