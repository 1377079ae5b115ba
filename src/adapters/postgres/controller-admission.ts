import type { PoolClient } from 'pg';
import { z } from 'zod';
import type { MallSync, MallSyncSpec } from '../../controller/mall-sync.ts';
import type { LedgerState } from '../../controller/run.ts';
import type { ExecutionMode } from '../../domain/execution.ts';
import { planAdmission, type PlannedExecution, type PlannedRecord } from './controller-admission-plan.ts';
import { loadCandidates, type AdmissionOwner } from './controller-candidates.ts';
import { lockInstances, readPeriodEndsInMs, toGroups } from './controller-instances.ts';
import { loadState } from './controller-state.ts';
import { inTerm, type ControllerTerm } from './controller-term.ts';
import type { Database } from './database.ts';
import { toStorableText } from './ledger-text.ts';
import { runStatement, type Statement } from './page-session.ts';
import { WINDOW_RESET } from './window-reset.ts';

/**
 * A period that is over by the caller's clock and ends within this time by the database's is no mistake of whoever asked:
 * it is left as it was, to be asked for again.
 */
const CLOCK_DIFFERENCE_MS = 600_000;

const INSERT: Statement = {
  name: 'insert-runs',
  sql: `insert into mallsync.tb_batch_execution_summary (instance_id, mall_id, attempt_count, mode, reading, domain_type,
      start_date, end_date, page_size, trigger, requested_by, reason, replay_fingerprints, installation_id,
      mallsync_namespace, mallsync_name, mallsync_uid)
    select planned.instance_id, planned.mall_id, planned.attempt_count, planned.mode, planned.reading,
      $6, $7, $8, $9, $10, $11, $12, $13::text[], $14, $15, $16, $17
    from unnest($1::bigint[], $2::bigint[], $3::integer[], $4::text[], $5::integer[])
      as planned (instance_id, mall_id, attempt_count, mode, reading)
    order by planned.mall_id
    returning mall_id, execution_id`,
};

const BEGIN_READINGS: Statement = {
  name: 'begin-readings',
  sql: `update mallsync.tb_batch_job_instance set reading = reading + 1 where instance_id = any($1::bigint[])`,
};

const RESET_WINDOWS: Statement = {
  name: 'reset-incomplete-windows',
  sql: `update mallsync.tb_batch_window as w set ${WINDOW_RESET}
    from unnest($1::bigint[], $2::integer[]) as resumed (instance_id, reading)
    where w.instance_id = resumed.instance_id and w.reading = resumed.reading and w.state = 'INCOMPLETE'`,
};

const SAVE_RECORDS: Statement = {
  name: 'save-mall-records',
  sql: `update mallsync.tb_mallsync_mall as mall set result = saved.result, attempt_wish = $2,
      execution_id = coalesce(saved.execution_id, mall.execution_id), reason = saved.reason, message = saved.message,
      updated_at = now()
    from unnest($3::bigint[], $4::text[], $5::bigint[], $6::text[], $7::text[])
      as saved (mall_id, result, execution_id, reason, message)
    where mall.mallsync_uid = $1 and mall.mall_id = saved.mall_id`,
};

const insertedRows = z.array(z.object({ mall_id: z.int(), execution_id: z.int() }));

/** Implements `ControllerLedger.admit`: as many statements for one mall as for a thousand. */
export function admitMallSync(
  term: ControllerTerm & { readonly namespace: string },
  mallSync: Pick<MallSync, 'name' | 'uid' | 'retryRequestId'>,
  spec: MallSyncSpec,
): Promise<LedgerState> {
  const { database, installationId, namespace } = term;
  const owner: AdmissionOwner = { installationId, namespace, mallSync };
  return inTerm(term, async (client) => {
    const endsInMs = await readPeriodEndsInMs(database, client, spec.period);
    if (endsInMs <= 0 || endsInMs > CLOCK_DIFFERENCE_MS) await admitDue(term, client, owner, spec, endsInMs <= 0);
    return await loadState(database, client, mallSync.uid);
  });
}

async function admitDue(
  { database }: ControllerTerm,
  client: PoolClient,
  owner: AdmissionOwner,
  spec: MallSyncSpec,
  isPeriodOver: boolean,
): Promise<void> {
  const candidates = await loadCandidates(database, client, owner, spec);
  if (candidates.length === 0) return;
  const mallIds = candidates.flatMap(({ mallId, isKnown }) => (isKnown ? [mallId] : []));
  const instances = isPeriodOver ? await lockInstances(database, client, mallIds, spec) : null;
  const { pageSize, attemptCount, reason } = spec;
  const wish = { pageSize, attemptCount, reason, mode: toMode(spec) };
  const { executions, records } = planAdmission(wish, candidates, instances);
  const executionIds = await insertRuns(database, client, owner, spec, executions);
  await prepareReadings(database, client, executions);
  const saved = records.map((record) => ({
    ...record,
    executionId: executionIds.get(record.mallId) ?? record.executionId,
  }));
  await saveRecords(database, client, owner, attemptCount, saved);
}

function toMode({ replay, reprocess }: MallSyncSpec): ExecutionMode {
  if (replay !== null) return 'REPLAY';
  return reprocess ? 'REPROCESS' : 'RESUME';
}

/** @returns their numbers, by mallId */
async function insertRuns(
  database: Database,
  client: PoolClient,
  { installationId, namespace, mallSync }: AdmissionOwner,
  spec: MallSyncSpec,
  planned: readonly PlannedExecution[],
): Promise<ReadonlyMap<number, number>> {
  if (planned.length === 0) return new Map();
  const { rows } = await runStatement(database, client, INSERT, [
    planned.map(({ instanceId }) => instanceId),
    planned.map(({ mallId }) => mallId),
    planned.map(({ attemptCount }) => attemptCount),
    planned.map(({ mode }) => mode),
    planned.map(({ reading }) => reading),
    spec.domainType,
    spec.period.startDate,
    spec.period.endDate,
    spec.pageSize,
    spec.trigger,
    toStorableText(spec.requestedBy),
    toStorableText(spec.reason),
    toGroups(spec.replay),
    installationId,
    namespace,
    mallSync.name,
    mallSync.uid,
  ]);
  return new Map(insertedRows.parse(rows).map((row) => [row.mall_id, row.execution_id]));
}

/** A reprocess reads anew; another execution of the same reading tries its incomplete windows again. */
async function prepareReadings(
  database: Database,
  client: PoolClient,
  planned: readonly PlannedExecution[],
): Promise<void> {
  const anew = planned.filter(({ mode }) => mode === 'REPROCESS').map(({ instanceId }) => instanceId);
  if (anew.length > 0) await runStatement(database, client, BEGIN_READINGS, [anew]);
  const resumed = planned.filter(({ mode }) => mode === 'RESUME');
  if (resumed.length === 0) return;
  await runStatement(database, client, RESET_WINDOWS, [
    resumed.map(({ instanceId }) => instanceId),
    resumed.map(({ reading }) => reading),
  ]);
}

async function saveRecords(
  database: Database,
  client: PoolClient,
  { mallSync }: AdmissionOwner,
  attemptCount: number | null,
  records: readonly PlannedRecord[],
): Promise<void> {
  await runStatement(database, client, SAVE_RECORDS, [
    mallSync.uid,
    attemptCount ?? 0,
    records.map(({ mallId }) => mallId),
    records.map(({ result }) => result),
    records.map(({ executionId }) => executionId),
    records.map(({ reason }) => reason),
    records.map(({ message }) => message),
  ]);
}
