import { z } from 'zod';
import type { LedgerOwner, WaitingRuns } from '../../controller/controller-ledger.ts';
import { inTerm, type ControllerTerm } from './controller-term.ts';
import { runStatement, type Statement } from './page-session.ts';

/** Locked in order of executionId, as whoever locks several must. */
const MARK: Statement = {
  name: 'mark-launched',
  sql: `with due as (
      select execution_id, launch.job_name
      from mallsync.tb_batch_execution_summary
      join unnest($1::bigint[], $2::text[]) as launch (id, job_name) on launch.id = execution_id
      where installation_id = $3 and launched_at is null and status in ('REQUESTED', 'RUNNING', 'WAITING')
      order by execution_id for no key update of tb_batch_execution_summary
    )
    update mallsync.tb_batch_execution_summary as execution set job_name = due.job_name, launched_at = clock_timestamp()
    from due where execution.execution_id = due.execution_id`,
};

/** The first waiting runs of each MallSync. */
const LIST_WAITING: Statement = {
  name: 'list-waiting-runs',
  sql: `select * from (
      select mallsync_uid, execution_id, instance_id, mall_id, attempt_count, page_size,
        count(*) over (partition by mallsync_uid) as waiting,
        row_number() over (partition by mallsync_uid order by execution_id) as place
      from mallsync.tb_batch_execution_summary
      where installation_id = $1 and mallsync_uid is not null and status in ('REQUESTED', 'RUNNING', 'WAITING')
        and launched_at is null
    ) as live
    where place <= $2::integer
    order by mallsync_uid, execution_id`,
};

const LIST_OWNERS: Statement = {
  name: 'list-owners',
  sql: `select mallsync_uid as uid, min(mallsync_name) as name from mallsync.tb_batch_execution_summary
    where installation_id = $1 and mallsync_uid is not null and status in ('REQUESTED', 'RUNNING', 'WAITING')
    group by mallsync_uid order by mallsync_uid`,
};

const waitingRows = z.array(
  z.object({
    mallsync_uid: z.string(),
    execution_id: z.int(),
    instance_id: z.int(),
    mall_id: z.int(),
    attempt_count: z.int(),
    page_size: z.int(),
    waiting: z.int(),
  }),
);

const ownerRows = z.array(z.object({ uid: z.string(), name: z.string() }));

/** Implements `ControllerLedger.markLaunched`. */
export async function markLaunched(
  term: ControllerTerm,
  launches: readonly { readonly executionId: number; readonly jobName: string }[],
): Promise<void> {
  const values = [
    launches.map(({ executionId }) => executionId),
    launches.map(({ jobName }) => jobName),
    term.installationId,
  ];
  await inTerm(term, (client) => runStatement(term.database, client, MARK, values));
}

/** Implements `ControllerLedger.loadWaiting`. */
export async function loadWaiting(
  { database, installationId }: ControllerTerm,
  limit: number,
): Promise<readonly WaitingRuns[]> {
  const { rows } = await database.withSession((client) =>
    runStatement(database, client, LIST_WAITING, [installationId, limit]),
  );
  const groups = Map.groupBy(waitingRows.parse(rows), (row) => row.mallsync_uid);
  return [...groups].map(([mallSyncUid, runs]) => ({
    mallSyncUid,
    waiting: runs[0]?.waiting ?? 0,
    next: runs.map((row) => ({
      executionId: row.execution_id,
      instanceId: row.instance_id,
      mallId: row.mall_id,
      attemptCount: row.attempt_count,
      pageSize: row.page_size,
    })),
  }));
}

/** Implements `ControllerLedger.listOwners`. */
export async function listOwners({ database, installationId }: ControllerTerm): Promise<readonly LedgerOwner[]> {
  const { rows } = await database.withSession((client) =>
    runStatement(database, client, LIST_OWNERS, [installationId]),
  );
  return ownerRows.parse(rows);
}
