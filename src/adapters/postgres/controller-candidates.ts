import type { PoolClient } from 'pg';
import { z } from 'zod';
import type { MallSync, MallSyncSpec } from '../../controller/mall-sync.ts';
import type { Candidate } from './controller-admission-plan.ts';
import type { Database } from './database.ts';
import { runStatement, type Statement } from './page-session.ts';

export interface AdmissionOwner {
  readonly installationId: string;
  readonly namespace: string;
  readonly mallSync: Pick<MallSync, 'name' | 'uid' | 'retryRequestId'>;
}

/** Locks the row until the commit, so that one MallSync is admitted once at a time. */
const SAVE: Statement = {
  name: 'save-mallsync',
  sql: `insert into mallsync.tb_mallsync (mallsync_uid, installation_id, namespace, name, retry_request_id)
    values ($1, $2, $3, $4, $5)
    on conflict (mallsync_uid) do update set updated_at = now()
    returning xmax = 0 as is_new`,
};

const EXPAND_NAMED: Statement = {
  name: 'expand-named-malls',
  sql: `insert into mallsync.tb_mallsync_mall (mallsync_uid, mall_id)
    select distinct $1, mall_id from unnest($2::bigint[]) as mall_id`,
};

const EXPAND_ACTIVE: Statement = {
  name: 'expand-active-malls',
  sql: `insert into mallsync.tb_mallsync_mall (mallsync_uid, mall_id)
    select $1, mall_id from mallsync.tb_mall_config
    where active and $2 = any(domain_types) and labels @> $3::jsonb`,
};

/** An own execution that is live or has completed leaves nothing to ask for. */
const LIST_CANDIDATES: Statement = {
  name: 'list-candidates',
  sql: `select mall.mall_id, config.mall_id is not null as is_known
    from mallsync.tb_mallsync_mall as mall
    left join mallsync.tb_mall_config as config on config.mall_id = mall.mall_id
    left join mallsync.tb_batch_execution_summary as own
      on own.execution_id = mall.execution_id and own.mallsync_uid = mall.mallsync_uid
    where mall.mallsync_uid = $1 and (mall.result = 'PENDING' or mall.attempt_wish < $2 and (own.status is null
      or own.status not in ('REQUESTED', 'RUNNING', 'WAITING', 'COMPLETED', 'COMPLETED_WITH_REJECTS')))
    order by mall.mall_id`,
};

const savedRows = z.array(z.object({ is_new: z.boolean() }));

const candidateRows = z.array(
  z
    .object({ mall_id: z.int(), is_known: z.boolean() })
    .transform((row): Candidate => ({ mallId: row.mall_id, isKnown: row.is_known })),
);

/** Names the malls when it is called first. @returns those that are due for admission, in order of mallId */
export async function loadCandidates(
  database: Database,
  client: PoolClient,
  { installationId, namespace, mallSync }: AdmissionOwner,
  spec: MallSyncSpec,
): Promise<readonly Candidate[]> {
  const { uid, name, retryRequestId } = mallSync;
  const saved = await runStatement(database, client, SAVE, [uid, installationId, namespace, name, retryRequestId]);
  if (savedRows.parse(saved.rows)[0]?.is_new === true) {
    if (spec.mallIds !== null) await runStatement(database, client, EXPAND_NAMED, [uid, spec.mallIds]);
    else {
      const labels = JSON.stringify(spec.mallSelector ?? {});
      await runStatement(database, client, EXPAND_ACTIVE, [uid, spec.domainType, labels]);
    }
  }
  const { rows } = await runStatement(database, client, LIST_CANDIDATES, [uid, spec.attemptCount ?? 0]);
  return candidateRows.parse(rows);
}
