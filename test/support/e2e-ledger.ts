import { expect } from 'vitest';
import type { DomainType } from '../../src/domain/domain-type.ts';
import type { Mallsync, SeenMallSync } from './e2e-install.ts';
import { expectTruth, sumStored, type TruthPeriod } from './truth.ts';

export interface SeenExecution {
  readonly executionId: string;
  readonly instanceId: string;
  readonly mallId: number;
  readonly cafe24MallId: string;
  readonly domainType: DomainType;
  readonly startDate: string;
  readonly endDate: string;
  readonly pageSize: number;
  readonly attemptCount: number;
  readonly status: string;
  readonly exitCode: number | null;
  readonly failureReason: string | null;
  readonly jobName: string;
  readonly mallSync: string;
  readonly read: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly stale: number;
  readonly rejected: number;
  readonly duplicate: number;
  readonly pages: number;
}

/** All executions of a trial, the oldest first. */
export async function listExecutions({ query }: Pick<Mallsync, 'query'>): Promise<readonly SeenExecution[]> {
  return await query<SeenExecution & Record<string, unknown>>(
    `select execution_id::text as "executionId", instance_id::text as "instanceId", mall_id::integer as "mallId",
       cafe24_mall_id as "cafe24MallId", domain_type as "domainType", start_date as "startDate", end_date as "endDate",
       page_size as "pageSize", attempt_count as "attemptCount", status, exit_code as "exitCode",
       failure_reason as "failureReason", job_name as "jobName", mallsync_name as "mallSync", read::integer,
       inserted::integer, updated::integer, unchanged::integer, stale::integer, rejected::integer, duplicate::integer,
       pages::integer
     from mallsync.tb_batch_execution_summary join mallsync.tb_mall_config using (mall_id) order by execution_id`,
  );
}

/**
 * What is stored is what the simulator would call a perfect sync, for each run that completed; of the others nothing is.
 * Their counters are those of the truth too.
 */
export async function expectTrueData(mallsync: Mallsync, executions: readonly SeenExecution[]): Promise<void> {
  const world = { db: mallsync, simulator: mallsync.simulator };
  for (const execution of executions) {
    const { domainType, cafe24MallId, startDate, endDate } = execution;
    if (!execution.status.startsWith('COMPLETED')) {
      expect(await sumStored(world, execution, domainType), `${cafe24MallId} ${domainType}`).toEqual([]);
      continue;
    }
    await expectTruth(world, execution, domainType, { startDate, endDate });
    await expectTrueCounters(mallsync, execution, { startDate, endDate });
  }
}

async function expectTrueCounters(mallsync: Mallsync, execution: SeenExecution, period: TruthPeriod): Promise<void> {
  const { domainType, cafe24MallId } = execution;
  const truth = await mallsync.simulator.control.readTruth(cafe24MallId, { domainType, ...period });
  const { inserted, rejected, read, duplicate, unchanged, updated, stale, status } = execution;
  const again = truth.repeats.length;
  const counted = { inserted, rejected, read, duplicate, updated, stale, status };
  expect(counted, `${cafe24MallId} ${domainType}`).toEqual({
    inserted: truth.count,
    rejected: truth.poison.length,
    read: truth.count + truth.poison.length + again,
    duplicate: again,
    updated: 0,
    stale: 0,
    status: truth.poison.length === 0 ? 'COMPLETED' : 'COMPLETED_WITH_REJECTS',
  });
  // a repeat within a page never comes to the table, one on another page is found there
  expect(unchanged, `${cafe24MallId} ${domainType}`).toBeLessThanOrEqual(again);
}

/** What the status counts is what the ledger holds of the latest attempts. */
export function expectCounted({ metadata, status }: SeenMallSync, executions: readonly SeenExecution[]): void {
  const own = executions.filter(({ mallSync }) => mallSync === metadata.name);
  const latest = [...new Map(own.map((execution) => [execution.instanceId, execution])).values()];
  const countIn = (wanted: string): number => latest.filter((execution) => execution.status === wanted).length;
  const sum = (name: 'read' | 'inserted' | 'updated' | 'unchanged' | 'rejected'): number =>
    own.reduce((total, execution) => total + execution[name], 0);
  expect(status?.malls, metadata.name).toEqual({
    total: latest.length,
    waiting: 0,
    active: 0,
    succeeded: countIn('COMPLETED'),
    withRejects: countIn('COMPLETED_WITH_REJECTS'),
    alreadyComplete: 0,
    refused: 0,
    failed: countIn('FAILED'),
    stopped: countIn('STOPPED'),
  });
  expect(status?.rows, metadata.name).toEqual({
    read: sum('read'),
    inserted: sum('inserted'),
    updated: sum('updated'),
    unchanged: sum('unchanged'),
    rejected: sum('rejected'),
  });
}

/** The fleet's counters, as the controller's Service gives them, are the ledger's. */
export async function expectMetricsOfLedger(mallsync: Mallsync): Promise<void> {
  const executions = await listExecutions(mallsync);
  const runs = new Map<string, number>();
  const rows = new Map<string, number>();
  const add = (sums: Map<string, number>, key: string, value: number): unknown =>
    value === 0 || sums.set(key, (sums.get(key) ?? 0) + value);
  for (const execution of executions) {
    add(runs, `${execution.domainType} ${execution.status} ${execution.failureReason ?? ''}`, 1);
    for (const outcome of ['inserted', 'updated', 'unchanged', 'stale', 'rejected', 'duplicate'] as const) {
      add(rows, `${execution.domainType} ${outcome}`, execution[outcome]);
    }
  }
  // they are read from the ledger every few seconds
  const read = async (): Promise<unknown> => {
    const series = [...(await mallsync.readMetrics())].filter(([, value]) => value !== 0);
    const select = (family: string, labels: readonly string[]): readonly string[] =>
      series
        .filter(([name]) => name.startsWith(`mallsync_${family}{`))
        .map(([name, value]) => `${labels.map((label) => readLabel(name, label)).join(' ')}: ${value}`)
        .toSorted();
    const isStill = (family: string): boolean => series.every(([name]) => !name.startsWith(`mallsync_${family}`));
    return {
      runs: select('runs_total', ['domain', 'result', 'reason']),
      rows: select('rows_total', ['domain', 'outcome']),
      active: !isStill('jobs_active'),
      waiting: !isStill('jobs_waiting'),
      disagreements: !isStill('outcome_disagreements_total'),
    };
  };
  await expect.poll(read, { timeout: 30_000, interval: 1_000 }).toEqual({
    runs: toLines(runs),
    rows: toLines(rows),
    active: false,
    waiting: false,
    disagreements: false,
  });
}

function toLines(sums: ReadonlyMap<string, number>): readonly string[] {
  return [...sums].map(([key, value]) => `${key}: ${value}`).toSorted();
}

function readLabel(series: string, label: string): string {
  return new RegExp(`[{,]${label}="([^"]*)"`).exec(series)?.[1] ?? '';
}
