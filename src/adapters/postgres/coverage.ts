import type { ClientBase } from 'pg';
import type { DomainType } from '../../domain/domain-type.ts';
import type { ClaimedExecution } from '../../domain/execution.ts';
import type { Database } from './database.ts';
import { runStatement, type Statement } from './page-session.ts';

/** A window counts as one with rejects while an entry of it is OPEN: replayed and ignored ones are dealt with. */
const HAS_OPEN_ENTRIES = `exists (select 1 from mallsync.tb_batch_error_log as entry
  where entry.mall_id = ended.mall_id and entry.domain_type = $4 and entry.status = 'OPEN' and entry.shop_no = w.shop_no
    and entry.date_type = w.date_type and entry.window_bounds && w.bounds)`;

/**
 * `covered` grows by the period without the windows that are not complete. `with_rejects` loses what was read clean now
 * and gains the windows with open rejects, so that a clean re-reading clears an old mark.
 */
const GROW: Statement = {
  name: 'grow-coverage',
  sql: `with read as (
      select ended.mall_id, ended.instance_id, windows.missing, windows.rejects
      from unnest($1::bigint[], $2::integer[], $3::bigint[]) as ended (instance_id, reading, mall_id)
      cross join lateral (
        select coalesce(range_agg(w.bounds) filter (where w.state not in ('COMPLETE', 'COMPLETE_WITH_REJECTS')), '{}')
            as missing,
          coalesce(range_agg(w.bounds) filter (where w.state = 'COMPLETE_WITH_REJECTS' and ${HAS_OPEN_ENTRIES}), '{}')
            as rejects
        from mallsync.tb_batch_window as w where w.instance_id = ended.instance_id and w.reading = ended.reading
        having count(*) > 0
      ) as windows
    ), whole as (
      select read.mall_id, tstzmultirange(instance.period) - read.missing as covered, read.rejects
      from read join mallsync.tb_batch_job_instance as instance on instance.instance_id = read.instance_id
    )
    insert into mallsync.tb_coverage as known (mall_id, domain_type, covered, with_rejects)
    select mall_id, $4, covered, rejects from whole where not isempty(covered) order by mall_id
    on conflict (mall_id, domain_type) do update set covered = known.covered + excluded.covered,
      with_rejects = (known.with_rejects - excluded.covered) + excluded.with_rejects, updated_at = now()`,
};

/** After a replay: what has no open entry any more is no longer marked. */
const CLEAR_REPLAYED: Statement = {
  name: 'clear-replayed-coverage',
  sql: `update mallsync.tb_coverage as known set updated_at = now(),
      with_rejects = (known.with_rejects - tstzmultirange(instance.period)) + (
        select coalesce(range_agg(entry.window_bounds * instance.period) * known.with_rejects, '{}')
        from mallsync.tb_batch_error_log as entry
        where entry.mall_id = $2 and entry.domain_type = $3 and entry.status = 'OPEN'
          and entry.shop_no is not null and entry.window_bounds && instance.period)
    from mallsync.tb_batch_job_instance as instance
    where instance.instance_id = $1 and known.mall_id = $2 and known.domain_type = $3`,
};

export async function growCoverage(
  database: Database,
  client: ClientBase,
  execution: Pick<ClaimedExecution, 'instanceId' | 'reading' | 'mallId' | 'domainType' | 'mode'>,
): Promise<void> {
  const { instanceId, mallId, domainType, mode } = execution;
  if (mode === 'REPLAY') await runStatement(database, client, CLEAR_REPLAYED, [instanceId, mallId, domainType]);
  else await growCoverages(database, client, domainType, [execution]);
}

/** The same for what was no replay, of one mall each. */
export async function growCoverages(
  database: Database,
  client: ClientBase,
  domainType: DomainType,
  ended: readonly Pick<ClaimedExecution, 'instanceId' | 'reading' | 'mallId'>[],
): Promise<void> {
  await runStatement(database, client, GROW, [
    ended.map(({ instanceId }) => instanceId),
    ended.map(({ reading }) => reading),
    ended.map(({ mallId }) => mallId),
    domainType,
  ]);
}
