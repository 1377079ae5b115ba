import type { PoolClient } from 'pg';
import { z } from 'zod';
import type { Outcome } from '../../controller/controller-ledger.ts';
import type { LedgerState } from '../../controller/run.ts';
import { reportItems } from './controller-request.ts';
import { endRuns, LOCKED_RUN_COLUMNS, lockedRuns, type LockedRun } from './controller-settle.ts';
import { loadState } from './controller-state.ts';
import { inTerm, type ControllerTerm } from './controller-term.ts';
import type { Database } from './database.ts';
import { addTotals, buildOutcomeTotals } from './ledger-metric.ts';
import { runStatement, type Statement } from './page-session.ts';

const LOCK_NAMED: Statement = {
  name: 'lock-named-runs',
  sql: `select ${LOCKED_RUN_COLUMNS} from mallsync.tb_batch_execution_summary
    where execution_id = any($1::bigint[]) and mallsync_uid = $2
    order by execution_id for no key update`,
};

const LOCK_OPEN: Statement = {
  name: 'lock-open-runs',
  sql: `select ${LOCKED_RUN_COLUMNS} from mallsync.tb_batch_execution_summary
    where mallsync_uid = $1 and recorded_at is null
    order by execution_id for no key update`,
};

const RECORD: Statement = {
  name: 'record-runs',
  sql: `update mallsync.tb_batch_execution_summary set recorded_at = now() where execution_id = any($1::bigint[])`,
};

const FIND_REQUEST: Statement = {
  name: 'find-mallsync-request',
  sql: `select retry_request_id from mallsync.tb_mallsync where mallsync_uid = $1 and retry_request_id is not null`,
};

const requestRows = z.array(z.object({ retry_request_id: z.int() }));

/** Implements `ControllerLedger.recordOutcomes`. */
export function recordOutcomes(
  term: ControllerTerm,
  mallSyncUid: string,
  outcomes: readonly Outcome[],
): Promise<LedgerState> {
  const { database } = term;
  return inTerm(term, async (client) => {
    const named = [outcomes.map(({ executionId }) => executionId), mallSyncUid];
    const locked = lockedRuns.parse((await runStatement(database, client, LOCK_NAMED, named)).rows);
    const known = new Map(locked.map((run) => [run.executionId, run]));
    const due = outcomes.flatMap((outcome) => {
      const run = known.get(outcome.executionId);
      if (run === undefined || !isDue(run, outcome)) return [];
      known.delete(run.executionId);
      return [{ ...run, outcome }];
    });
    const ending = due.flatMap(({ outcome, ...run }) => (outcome.end === null ? [] : [{ ...run, end: outcome.end }]));
    const settled = due.filter(({ outcome }) => outcome.end === null);
    await recordRuns(database, client, settled);
    const totals = await endRuns(database, client, ending);
    const [first] = due;
    if (first !== undefined) {
      const measured = due.flatMap(({ outcome }) => buildOutcomeTotals(outcome));
      await addTotals(database, client, first.executionId, [...totals, ...measured]);
    }
    return await loadState(database, client, mallSyncUid);
  });
}

/** An outcome was decided by what the ledger held then; it is void when that has changed. */
function isDue({ isLive, isRecorded }: LockedRun, { end }: Outcome): boolean {
  return !isRecorded && isLive === (end !== null);
}

async function recordRuns(database: Database, client: PoolClient, settled: readonly LockedRun[]): Promise<void> {
  if (settled.length === 0) return;
  await runStatement(database, client, RECORD, [settled.map(({ executionId }) => executionId)]);
}

/** Implements `ControllerLedger.stopAll`. Its settled runs are recorded too: nobody will ask for them any more. */
export function stopAll(term: ControllerTerm, mallSyncUid: string, message: string): Promise<number> {
  const { database } = term;
  return inTerm(term, async (client) => {
    const open = lockedRuns.parse((await runStatement(database, client, LOCK_OPEN, [mallSyncUid])).rows);
    const live = open.filter(({ isLive }) => isLive);
    await recordRuns(
      database,
      client,
      open.filter(({ isLive }) => !isLive),
    );
    const end = { status: 'STOPPED', reason: 'Stopped', message } as const;
    const totals = await endRuns(
      database,
      client,
      live.map((run) => ({ ...run, end })),
    );
    const [first] = live;
    if (first !== undefined) await addTotals(database, client, first.executionId, totals);
    const { rows } = await runStatement(database, client, FIND_REQUEST, [mallSyncUid]);
    for (const row of requestRows.parse(rows)) await reportItems(term, client, row.retry_request_id);
    return live.length;
  });
}
