import { sql, type DatabaseTransactionConnection } from 'slonik';
import { z } from 'zod';
import type { AdmissionDecision, InstanceState } from '../../domain/admission.ts';
import { decideAdmission } from '../../domain/admission.ts';
import { TransientError } from '../../domain/errors.ts';
import { loadInstance, type ExecutionRequest, type StoredInstance } from './admission-state.ts';
import type { Database } from './database.ts';
import { toRange } from './range-sql.ts';
import { WINDOW_RESET } from './window-reset.ts';

export type Admission =
  | {
      readonly kind: 'admitted';
      readonly executionId: number;
      readonly instanceId: number;
      readonly attemptCount: number;
    }
  | Exclude<AdmissionDecision, { readonly kind: 'admit' }>;

const TRIES = 5;

const idRow = z.object({ id: z.int() });

/**
 * Creates the execution that the request asks for, in one transaction, or says why there is none. Unique indexes judge
 * between rivals: whoever comes second finds the first one's execution. Nothing is written unless it is admitted.
 */
export async function admitExecution(database: Database, request: ExecutionRequest): Promise<Admission> {
  for (let tries = 0; tries < TRIES; tries++) {
    const admission = await database.pool.transaction((transaction) => admitIn(transaction, request));
    if (admission !== 'overtaken') return admission;
  }
  throw new TransientError('DatabaseUnavailable', 'rivals changed the instance each time it was looked at');
}

/** `overtaken` asks for another look in a new transaction. */
async function admitIn(
  transaction: DatabaseTransactionConnection,
  request: ExecutionRequest,
): Promise<Admission | 'overtaken'> {
  const instance = await loadInstance(transaction, request);
  const decision = decideAdmission(request, instance);
  if (decision.kind !== 'admit') return decision;
  const instanceId = instance.instanceId ?? (await insertInstance(transaction, request));
  if (instanceId === null) return 'overtaken';
  const executionId = await insertExecution(transaction, request, instanceId, decision);
  if (executionId === null) return 'overtaken';
  await prepareReading(transaction, instanceId, instance, decision);
  return { kind: 'admitted', executionId, instanceId, attemptCount: decision.attemptCount };
}

/** Null when a rival has just inserted it. */
async function insertInstance(
  transaction: DatabaseTransactionConnection,
  { mallId, domainType, period }: ExecutionRequest,
): Promise<number | null> {
  const row = await transaction.maybeOne(sql.type(idRow)`
    insert into mallsync.tb_batch_job_instance (mall_id, domain_type, period, start_date, end_date)
    values (${mallId}, ${domainType},
      ${toRange(period)}, ${period.startDate}, ${period.endDate})
    on conflict do nothing returning instance_id as id`);
  return row?.id ?? null;
}

/** Null when a rival has taken the attempt number or the one live place. */
async function insertExecution(
  transaction: DatabaseTransactionConnection,
  request: ExecutionRequest,
  instanceId: number,
  { attemptCount, mode, reading }: Extract<AdmissionDecision, { readonly kind: 'admit' }>,
): Promise<number | null> {
  const { mallId, domainType, period, pageSize, trigger, requestedBy, reason, installationId } = request;
  const fingerprints =
    request.fingerprints === null ? sql.fragment`null` : sql.array([...request.fingerprints], 'text');
  const row = await transaction.maybeOne(sql.type(idRow)`
    insert into mallsync.tb_batch_execution_summary (instance_id, mall_id, domain_type, start_date, end_date, page_size,
      attempt_count, mode, reading, trigger, requested_by, reason, replay_fingerprints, installation_id)
    values (${instanceId}, ${mallId}, ${domainType}, ${period.startDate}, ${period.endDate}, ${pageSize},
      ${attemptCount}, ${mode}, ${reading}, ${trigger}, ${requestedBy}, ${reason}, ${fingerprints}, ${installationId})
    on conflict do nothing returning execution_id as id`);
  return row?.id ?? null;
}

/** A reprocess reads anew; another execution of the same reading tries its incomplete windows again. */
async function prepareReading(
  transaction: DatabaseTransactionConnection,
  instanceId: number,
  instance: StoredInstance & InstanceState,
  { mode, reading }: Extract<AdmissionDecision, { readonly kind: 'admit' }>,
): Promise<void> {
  if (mode === 'REPROCESS') {
    await transaction.query(sql.unsafe`
      update mallsync.tb_batch_job_instance set reading = ${reading} where instance_id = ${instanceId}`);
  }
  if (mode !== 'RESUME' || instance.instanceId === null) return;
  await transaction.query(sql.unsafe`
    update mallsync.tb_batch_window set ${{ ...sql.fragment``, sql: WINDOW_RESET }}
    where instance_id = ${instanceId} and reading = ${reading} and state = 'INCOMPLETE'`);
}
