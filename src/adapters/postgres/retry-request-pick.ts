import { sql } from 'slonik';
import { z } from 'zod';
import type { Queries, QueryPool } from './pool.ts';

/** Whoever asks for a run and may have to do it without a server. */

const idRow = z.object({ request_id: z.number() });

/** Takes one PENDING request by its id, as `takePending` takes the oldest; false when it is another's by now. */
export async function acceptRequest(pool: QueryPool, requestId: number): Promise<boolean> {
  const taken = await pool.any(sql.type(idRow)`
    with taken as (
      update mallsync.tb_batch_retry_request set state = 'ACCEPTED', accepted_at = now()
      where request_id = ${requestId} and state = 'PENDING' returning request_id
    ), items as (
      update mallsync.tb_batch_retry_request_item i set state = 'ACCEPTED', updated_at = now()
      from taken where i.request_id = taken.request_id and i.state = 'PENDING'
    )
    select request_id from taken`);
  return taken.length === 1;
}

/** The requests whose idempotency keys begin so, oldest first. */
export async function listRequestIds(pool: Queries, keyPrefix: string): Promise<readonly number[]> {
  return await pool.anyFirst(sql.type(idRow)`
    select request_id from mallsync.tb_batch_retry_request where starts_with(idempotency_key, ${keyPrefix})
    order by request_id`);
}

/** A sign of life for requests that wait for others' work: without one they count as abandoned. */
export async function keepRequests(pool: QueryPool, requestIds: readonly number[]): Promise<void> {
  await pool.query(sql.unsafe`
    update mallsync.tb_batch_retry_request_item set updated_at = now()
    where request_id = any(${sql.array([...requestIds], 'int8')}) and state not in ('DONE', 'REFUSED')`);
}

/** The MallSyncs of a request that were expanded, whether they still exist or not. */
export async function listExpandedNames(
  pool: QueryPool,
  installationId: string,
  requestId: number,
): Promise<readonly string[]> {
  return await pool.anyFirst(sql.type(z.object({ name: z.string() }))`
    select name from mallsync.tb_mallsync
    where installation_id = ${installationId} and retry_request_id = ${requestId} order by name`);
}
