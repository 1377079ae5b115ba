import { sql } from 'slonik';
import type { Database } from './database.ts';

/**
 * A session that waits in the middle of COPY for a client that is frozen or gone is ended by none of PostgreSQL's
 * time-outs. Whoever finds the execution locked by one after its lease, and half a lease after that statement began, ends
 * it.
 */
export async function endStalledCopy({ pool, leaseSeconds }: Database, executionId: number): Promise<void> {
  await pool.query(sql.unsafe`
    select pg_terminate_backend(holder.pid)
    from mallsync.tb_batch_execution_summary as execution
    join pg_locks as held on held.locktype = 'transactionid' and held.granted and held.transactionid = execution.xmax
    join pg_stat_activity as holder on holder.pid = held.pid
    where execution.execution_id = ${executionId} and execution.lease_until < clock_timestamp()
      and holder.usename = current_user and holder.state = 'active' and holder.wait_event = 'ClientRead'
      and holder.query_start < clock_timestamp() - make_interval(secs => ${leaseSeconds / 2}::float8)`);
}
