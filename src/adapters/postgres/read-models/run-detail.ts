import { sql } from 'slonik';
import { z } from 'zod';
import type { TimeRange } from '../../../domain/period.ts';
import { loadCoverage } from '../coverage-reader.ts';
import type { QueryPool } from '../pool.ts';
import { listWindows, type WindowRecord } from '../status-reader.ts';
import { listRunErrors, type RunErrorGroup } from './run-errors.ts';
import { RUN_COLUMNS, runRow, type RunRow } from './run-row.ts';
import { loadTimeline, type RunEvent } from './run-timeline.ts';

/** What the ledger knows of one execution's place, beyond its record. */
export interface RunFacts {
  readonly reading: number;
  readonly mallSyncUid: string | null;
  /** When its Job was created. */
  readonly launchedAtMs: number | null;
  /** How often it was claimed or taken from its holder. */
  readonly fenceToken: number;
  /** REPLAY: only these groups; null for all. */
  readonly replayFingerprints: readonly string[] | null;
  /** The period as the half-open range that identifies it. */
  readonly period: TimeRange;
}

export interface RunDetail extends RunRow, RunFacts {
  /** All executions of the instance, this one among them, the newest first. */
  readonly attempts: readonly RunRow[];
  /** Those of its reading, by shop, date type and time. */
  readonly windows: readonly WindowRecord[];
  /** Oldest first. */
  readonly timeline: readonly RunEvent[];
  /** What is complete of its period by now, and the part of it with rejected rows; ascending and disjoint. */
  readonly coverage: { readonly covered: readonly TimeRange[]; readonly withRejects: readonly TimeRange[] };
  /** What this execution was the last to meet, the largest group first. */
  readonly errorGroups: readonly RunErrorGroup[];
}

export async function loadRun(pool: QueryPool, executionId: number): Promise<RunDetail | null> {
  const facts = await loadFacts(pool, executionId);
  if (facts === null) return null;
  const attempts = await listAttempts(pool, facts.instanceId);
  const own = attempts.find((attempt) => attempt.executionId === executionId);
  if (own === undefined) return null;
  const [windows, timeline, coverage, errorGroups] = await Promise.all([
    listWindows(pool, executionId),
    loadTimeline(pool, own, facts.launchedAtMs),
    loadCoverage(pool, facts.period, [own.mallId]),
    listRunErrors(pool, executionId),
  ]);
  const { covered = [], withRejects = [] } = coverage.find(({ domainType }) => domainType === own.domainType) ?? {};
  return { ...own, ...facts, attempts, windows, timeline, coverage: { covered, withRejects }, errorGroups };
}

const factsRow = z
  .object({
    instance_id: z.int(),
    reading: z.int(),
    mallsync_uid: z.string().nullable(),
    launched_at: z.number().nullable(),
    fence_token: z.int(),
    replay_fingerprints: z.array(z.string()).nullable(),
    from_at: z.number(),
    until_at: z.number(),
  })
  .transform((row): RunFacts & { readonly instanceId: number } => ({
    instanceId: row.instance_id,
    reading: row.reading,
    mallSyncUid: row.mallsync_uid,
    launchedAtMs: row.launched_at,
    fenceToken: row.fence_token,
    replayFingerprints: row.replay_fingerprints,
    period: { fromMs: row.from_at, untilMs: row.until_at },
  }));

async function loadFacts(pool: QueryPool, executionId: number) {
  return await pool.maybeOne(sql.type(factsRow)`
    select execution.instance_id, execution.reading, execution.mallsync_uid, execution.launched_at, execution.fence_token,
      execution.replay_fingerprints, lower(instance.period) as from_at, upper(instance.period) as until_at
    from mallsync.tb_batch_execution_summary execution
    join mallsync.tb_batch_job_instance instance on instance.instance_id = execution.instance_id
    where execution.execution_id = ${executionId}`);
}

async function listAttempts(pool: QueryPool, instanceId: number): Promise<readonly RunRow[]> {
  return await pool.any(sql.type(runRow)`
    select ${RUN_COLUMNS} from mallsync.tb_batch_execution_summary execution
    left join mallsync.tb_mall_config mall on mall.mall_id = execution.mall_id
    where execution.instance_id = ${instanceId} order by execution.execution_id desc`);
}
