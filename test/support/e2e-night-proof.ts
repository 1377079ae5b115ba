import { expect } from 'vitest';
import { sumStored } from './fault-ledger.ts';
import { listGapsAndRepeats, listMiscounted, listWrongTotals } from './fault-journal.ts';
import type { Mallsync } from './e2e-install.ts';
import type { E2eNamespace } from './e2e-namespace.ts';
import { DOMAIN_TYPES, MALLS, type Night } from './e2e-night.ts';
import { sumBy, type Series } from './metrics-text.ts';

interface ExecutionSeen {
  readonly mallId: number;
  readonly domainType: string;
  readonly startDate: string;
  readonly attempt: number;
  readonly status: string;
}

export async function listExecutions({ query }: Mallsync): Promise<readonly ExecutionSeen[]> {
  return await query<ExecutionSeen & Record<string, unknown>>(
    `select mall_id::integer as "mallId", domain_type as "domainType", start_date as "startDate",
       attempt_count as attempt, status
     from mallsync.tb_batch_execution_summary
     order by start_date, mall_id, domain_type, attempt_count`,
  );
}

/** Executions that ended well, one for each mall and domain type of each night, the first attempt of each. */
export async function expectOneExecutionEach(mallsync: Mallsync, nights: readonly Night[]): Promise<void> {
  const expected = nights
    .map(({ startDate }) => startDate)
    .toSorted()
    .flatMap((startDate) =>
      MALLS.flatMap(({ mallId }) =>
        DOMAIN_TYPES.map((domainType) => ({ mallId, domainType, startDate, attempt: 1, status: 'COMPLETED' })),
      ),
    );
  expect(await listExecutions(mallsync)).toEqual(expected);
}

/** What is stored is what a perfect sync of these nights, and of nothing else, holds. */
export async function expectNightsTruth(mallsync: Mallsync, nights: readonly Night[]): Promise<void> {
  for (const mall of MALLS) {
    for (const domainType of DOMAIN_TYPES) {
      const truths = await Promise.all(
        nights.map(({ startDate, endDate }) =>
          mallsync.simulator.control.readTruth(mall.cafe24MallId, { domainType, startDate, endDate }),
        ),
      );
      const count = truths.reduce((sum, truth) => sum + truth.count, 0);
      const checksum = truths.reduce((sum, truth) => sum + BigInt(truth.checksum), 0n).toString();
      expect(count).toBeGreaterThan(0);
      const found = await sumStored(mallsync, mall, domainType);
      expect({ mall: mall.cafe24MallId, domainType, ...found }).toEqual({
        mall: mall.cafe24MallId,
        domainType,
        count,
        checksum,
      });
    }
  }
}

/** By what the database wrote down itself: each page once, none read into it twice, every counter its sum. */
export async function expectPagesOnce({ query }: Mallsync): Promise<void> {
  const pages = await query<{ n: number }>('select count(*)::integer as n from public.fault_page');
  expect(pages[0]?.n).toBeGreaterThan(0);
  expect(await listGapsAndRepeats(query)).toEqual([]);
  expect(await query('select * from public.fault_page where to_offset <= from_offset')).toEqual([]);
  expect(await listMiscounted(query)).toEqual([]);
  expect(await listWrongTotals(query)).toEqual([]);
}

/** The counters that the leader exports are those of the ledger. */
export async function expectMetricsOfLedger(mallsync: Mallsync, series: Series): Promise<void> {
  const runs = await mallsync.query<{ domain: string; n: number }>(
    `select domain_type as domain, count(*)::integer as n from mallsync.tb_batch_execution_summary
     where ended_at is not null group by 1`,
  );
  expect(sumBy(series, 'mallsync_runs_total', 'domain')).toEqual(toRecord(runs));
  const rows = await mallsync.query<{ domain: string; n: number }>(
    `select domain_type as domain, sum(inserted + updated + unchanged + stale + rejected + duplicate)::integer as n
     from mallsync.tb_batch_execution_summary group by 1`,
  );
  expect(sumBy(series, 'mallsync_rows_total', 'domain')).toEqual(toRecord(rows));
  expect(sumBy(series, 'mallsync_outcome_disagreements_total', 'case')).not.toHaveProperty('JOB_COMPLETE_ROW_LIVE');
}

function toRecord(rows: readonly { readonly domain: string; readonly n: number }[]): Readonly<Record<string, number>> {
  return Object.fromEntries(rows.map(({ domain, n }) => [domain, n]));
}

interface JobList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  }[];
}

/** One Job for each execution, of its name and with its number. */
export async function expectOneJobEach(namespace: E2eNamespace, { query }: Mallsync): Promise<void> {
  const { items } = await namespace.kubectlJson<JobList>([
    'get',
    'jobs',
    '--selector',
    'app.kubernetes.io/component=sync',
  ]);
  const executions = await query<{ name: string; id: string }>(
    `select job_name as name, execution_id::text as id from mallsync.tb_batch_execution_summary`,
  );
  const jobs = items.map(({ metadata: { name, labels } }) => ({ name, id: labels['mallsync.io/execution-id'] }));
  expect(new Set(jobs)).toEqual(new Set(executions));
}

/** What every night must come to, whatever happened in it. */
export async function expectGoodNights(
  namespace: E2eNamespace,
  mallsync: Mallsync,
  nights: readonly Night[],
): Promise<void> {
  const mallSyncs = await mallsync.waitForNight();
  const ends = mallSyncs.map(({ status }) => status?.conditions.find(({ type }) => type === 'Succeeded')?.status);
  expect(ends).toEqual(mallSyncs.map(() => 'True'));
  expect(mallSyncs).toHaveLength(nights.length * DOMAIN_TYPES.length);
  await expectOneExecutionEach(mallsync, nights);
  await expectOneJobEach(namespace, mallsync);
  await expectPagesOnce(mallsync);
  await expectNightsTruth(mallsync, nights);
}
