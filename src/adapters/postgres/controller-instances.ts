import type { PoolClient } from 'pg';
import { z } from 'zod';
import type { MallSyncSpec } from '../../controller/mall-sync.ts';
import type { Period } from '../../domain/period.ts';
import { knownExecutionRow } from './admission-state.ts';
import type { LockedInstance } from './controller-admission-plan.ts';
import type { Database } from './database.ts';
import { runStatement, type Statement } from './page-session.ts';

const PERIOD = `tstzrange(to_timestamp($3::float8 / 1000), to_timestamp($4::float8 / 1000))`;

/** In order of mallId, so that rivals who name the same malls wait for each other at most. */
const INSERT: Statement = {
  name: 'insert-instances',
  sql: `insert into mallsync.tb_batch_job_instance (mall_id, domain_type, period, start_date, end_date)
    select mall_id, $2, ${PERIOD}, $5, $6 from unnest($1::bigint[]) as mall_id
    where not exists (select from mallsync.tb_batch_job_instance as known
      where known.mall_id = mall_id.mall_id and known.domain_type = $2 and known.period = ${PERIOD})
    order by mall_id on conflict do nothing`,
};

/** In order of instanceId, as retention locks them. Whoever admits to an instance holds this lock. */
const LOCK: Statement = {
  name: 'lock-instances',
  sql: `select instance_id, mall_id, reading from mallsync.tb_batch_job_instance
    where mall_id = any($1::bigint[]) and domain_type = $2 and period = ${PERIOD}
    order by instance_id for no key update`,
};

const LIST_EXECUTIONS: Statement = {
  name: 'list-instance-executions',
  sql: `select instance_id, execution_id, attempt_count, status, mode, reading, page_size, mallsync_name
    from mallsync.tb_batch_execution_summary where instance_id = any($1::bigint[])`,
};

const LIST_REJECTS: Statement = {
  name: 'list-malls-with-rejects',
  sql: `select mall_id from unnest($1::bigint[]) as mall_id
    where exists (select from mallsync.tb_batch_error_log as entry
      where entry.mall_id = mall_id.mall_id and entry.domain_type = $2 and entry.status = 'OPEN'
        and entry.shop_no is not null and entry.window_bounds && ${PERIOD}
        and ($5::text[] is null or entry.fingerprint = any($5)))`,
};

const instanceRows = z.array(z.object({ instance_id: z.int(), mall_id: z.int(), reading: z.int() }));

const executionRows = z.array(
  z.intersection(
    z.object({ instance_id: z.int() }).transform((row) => ({ instanceId: row.instance_id })),
    knownExecutionRow,
  ),
);

const mallRows = z.array(z.object({ mall_id: z.int() }).transform((row) => row.mall_id));

/** Makes the instances of a period that is over, where they lack, and holds them until the commit; by mallId. */
export async function lockInstances(
  database: Database,
  client: PoolClient,
  mallIds: readonly number[],
  spec: Pick<MallSyncSpec, 'domainType' | 'period' | 'replay'>,
): Promise<ReadonlyMap<number, LockedInstance>> {
  const { startDate, endDate, fromMs, untilMs } = spec.period;
  const subject = [mallIds, spec.domainType, fromMs, untilMs];
  await runStatement(database, client, INSERT, [...subject, startDate, endDate]);
  const locked = instanceRows.parse((await runStatement(database, client, LOCK, subject)).rows);
  const ids = locked.map((row) => row.instance_id);
  const found = executionRows.parse((await runStatement(database, client, LIST_EXECUTIONS, [ids])).rows);
  const executions = Map.groupBy(found, ({ instanceId }) => instanceId);
  const withRejects = await listWithRejects(database, client, subject, spec.replay);
  return new Map(
    locked.map((row): [number, LockedInstance] => [
      row.mall_id,
      {
        instanceId: row.instance_id,
        isPeriodOver: true,
        reading: row.reading,
        executions: executions.get(row.instance_id) ?? [],
        hasOpenRejects: withRejects.has(row.mall_id),
      },
    ]),
  );
}

/** Asked for a replay only: nobody else wants to know. */
async function listWithRejects(
  database: Database,
  client: PoolClient,
  subject: readonly unknown[],
  replay: MallSyncSpec['replay'],
): Promise<ReadonlySet<number>> {
  if (replay === null) return new Set();
  const { rows } = await runStatement(database, client, LIST_REJECTS, [...subject, toGroups(replay)]);
  return new Set(mallRows.parse(rows));
}

/** Null for all groups. */
export function toGroups(replay: MallSyncSpec['replay']): readonly string[] | null {
  return replay === null || replay.fingerprints.length === 0 ? null : replay.fingerprints;
}

const READ_END: Statement = {
  name: 'read-period-end',
  sql: `select (extract(epoch from to_timestamp($1::float8 / 1000) - clock_timestamp()) * 1000)::float8 as ends_in_ms`,
};

const endRows = z.array(z.object({ ends_in_ms: z.number() }));

/** Until the period is over by the database's clock; negative when it is. */
export async function readPeriodEndsInMs(database: Database, client: PoolClient, { untilMs }: Period): Promise<number> {
  const { rows } = await runStatement(database, client, READ_END, [untilMs]);
  return endRows.parse(rows)[0]?.ends_in_ms ?? Number.POSITIVE_INFINITY;
}
