import { LABELS } from '../../../src/adapters/kubernetes/object-labels.ts';
import { OUTCOME_FINALIZER } from '../../../src/adapters/kubernetes/resource-path.ts';
import type { KubeCall } from '../../../src/adapters/kubernetes/transport/kube-client.ts';
import type { KubeObject } from '../../support/api-server-door.ts';
import { isFinished } from '../../support/test-kubelet-status.ts';
import type { TestKubelet } from '../../support/test-kubelet.ts';
import type { FaultLane } from './fault-lane.ts';
import { toPlainName, type FaultScenario } from './fault-scenarios.ts';

interface RunRow {
  readonly [column: string]: unknown;
  readonly execution_id: number;
  readonly mall_id: number;
  readonly attempt_count: number;
  readonly status: string;
  readonly failure_reason: string | null;
  readonly is_recorded: boolean;
}

const LIVE = ['REQUESTED', 'RUNNING', 'WAITING'];

/** Everything that is not as it has to be after the scenario has come to rest. */
export async function findProblems(
  lane: FaultLane,
  scenario: FaultScenario,
  record: TestKubelet['record'],
): Promise<readonly string[]> {
  const runs = await listRuns(lane);
  return [
    ...findWrongRuns(runs, scenario),
    ...findRepeatedJobs(record),
    ...findBadJobs(await lane.listJobs(), runs),
    ...findBadStatuses(await lane.listMallSyncs(), scenario),
    ...(await findWrongTotals(lane, runs)),
    ...(await findWrongEnds(lane, scenario)),
  ];
}

function listRuns({ query }: FaultLane): Promise<RunRow[]> {
  return query<RunRow>(
    `select execution_id::integer, mall_id::integer, attempt_count, status, failure_reason,
       recorded_at is not null as is_recorded
     from mallsync.tb_batch_execution_summary order by mall_id, attempt_count`,
  );
}

function findWrongRuns(runs: readonly RunRow[], { expected }: FaultScenario): readonly string[] {
  const found = runs.map(({ mall_id, attempt_count, status, failure_reason }) =>
    [mall_id, attempt_count, status, ...(failure_reason === null ? [] : [failure_reason])].join(' '),
  );
  const unrecorded = runs.filter(({ is_recorded }) => !is_recorded);
  return [
    ...(found.join() === expected.runs.join() ? [] : [`runs are ${found.join(', ')}`]),
    ...unrecorded.map(({ execution_id }) => `the outcome of execution ${execution_id} is not recorded`),
  ];
}

function findRepeatedJobs(record: TestKubelet['record']): readonly string[] {
  return [...record.countByExecution()].flatMap(([executionId, count]) =>
    count > 1 ? [`execution ${executionId} had ${count} Jobs`] : [],
  );
}

function findBadJobs(jobs: readonly KubeObject[], runs: readonly RunRow[]): readonly string[] {
  return jobs.flatMap((job) => {
    const { name, labels, finalizers = [] } = job.metadata;
    const run = runs.find(({ execution_id }) => execution_id === Number(labels[LABELS.executionId]));
    const isWanted = run !== undefined && LIVE.includes(run.status);
    return [
      ...(finalizers.includes(OUTCOME_FINALIZER) ? [`Job ${name} keeps our finalizer`] : []),
      ...(isFinished(job) || isWanted ? [] : [`Job ${name} runs for nobody`]),
      ...(isFinished(job) && job.spec.ttlSecondsAfterFinished === undefined ? [`Job ${name} stays for ever`] : []),
    ];
  });
}

function findBadStatuses(mallSyncs: readonly KubeObject[], { expected }: FaultScenario): readonly string[] {
  const found = new Map<string, KubeObject>(
    mallSyncs.map((mallSync) => [toPlainName(mallSync.metadata.name), mallSync]),
  );
  return Object.entries(expected.mallSyncs).flatMap(([name, wish]) => {
    const status = found.get(name)?.status;
    if (wish === null) return found.has(name) ? [`MallSync ${name} is there`] : [];
    if (status === undefined) return [`MallSync ${name} has no status`];
    const { total, ...counts }: Record<string, number> = status.malls;
    const sum = Object.values(counts).reduce((a, b) => a + b, 0);
    const wrong = Object.entries({ ...toZeroes(status.malls), ...wish.counts }).filter(
      ([standing, count]) => status.malls[standing] !== count,
    );
    const condition = (type: string): string =>
      status.conditions.find((each: KubeObject) => each.type === type)?.status ?? 'absent';
    return [
      ...(sum === total ? [] : [`the counts of ${name} do not add up`]),
      ...(wrong.length === 0 ? [] : [`the counts of ${name} are ${JSON.stringify(status.malls)}`]),
      ...(condition('Succeeded') === wish.succeeded ? [] : [`Succeeded of ${name} is ${condition('Succeeded')}`]),
      ...(condition('Progressing') === 'False' ? [] : [`Progressing of ${name} is ${condition('Progressing')}`]),
      ...(condition('Admitted') === 'True' ? [] : [`Admitted of ${name} is ${condition('Admitted')}`]),
      ...(status.completionTime === undefined ? [`${name} has no completionTime`] : []),
    ];
  });
}

function toZeroes(counts: object): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.keys(counts).map((standing) => [standing, 0]));
}

async function findWrongTotals({ query }: FaultLane, runs: readonly RunRow[]): Promise<readonly string[]> {
  const totals = await query<{ result: string; value: number }>(
    `select labels ->> 'result' as result, sum(value)::integer as value from mallsync.tb_metric_total
     where name = 'runs_total' group by 1 having sum(value) <> 0`,
  );
  const counted = new Map(totals.map(({ result, value }) => [result, value]));
  const results = new Set([...counted.keys(), ...runs.map(({ status }) => status)]);
  return [...results].flatMap((result) => {
    const settled = runs.filter(({ status }) => status === result).length;
    return counted.get(result) === settled ? [] : [`runs_total of ${result} is ${counted.get(result)}, not ${settled}`];
  });
}

/** Each end is measured in the transaction that records it. */
async function findWrongEnds({ query }: FaultLane, { expected }: FaultScenario): Promise<readonly string[]> {
  const [row] = await query<{ value: number }>(
    `select coalesce(sum(value), 0)::integer as value from mallsync.tb_metric_total
     where name = 'outcome_record_lag_seconds_count'`,
  );
  return row?.value === expected.ends ? [] : [`${row?.value} ends are counted, not ${expected.ends}`];
}

/** Watches what the controllers are about to do to Jobs: it must be right at the very moment at which they do it. */
export function createJobWitness({ query }: FaultLane, violations: string[]): (call: KubeCall) => Promise<void> {
  const executionOf = new Map<string, number>();

  const noteCreate = (body: KubeObject): void => {
    executionOf.set(body.metadata.name, Number(body.metadata.labels[LABELS.executionId]));
  };
  const checkRelease = async (name: string): Promise<void> => {
    const executionId = executionOf.get(name);
    const [row] = await query<{ is_recorded: boolean }>(
      'select recorded_at is not null as is_recorded from mallsync.tb_batch_execution_summary where execution_id = $1',
      [executionId],
    );
    if (row?.is_recorded !== true) violations.push(`Job ${name} is released before its outcome is recorded`);
  };

  return async ({ verb, path, body }) => {
    const match = /\/jobs(?:\/([^/]+))?$/.exec(path);
    if (match === null) return;
    if (verb === 'create') noteCreate(body);
    if (verb === 'patch' && JSON.stringify(body).includes('deleteFromPrimitiveList'))
      await checkRelease(match[1] ?? '');
  };
}
