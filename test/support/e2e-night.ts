import { DAY_MS, startOfSeoulDay, toSeoulTime } from '../../src/domain/seoul-time.ts';
import type { DomainType } from '../../src/domain/domain-type.ts';
import { watchPages } from './fault-journal.ts';
import type { ChartValues, Mallsync } from './e2e-install.ts';
import type { E2eNamespace } from './e2e-namespace.ts';

/** The first of the demo's: healthy, of several sizes. The last two have pages enough to be met in the middle. */
export const MALLS = [
  { mallId: 1, cafe24MallId: 'sample-bakery' },
  { mallId: 2, cafe24MallId: 'sample-books' },
  { mallId: 3, cafe24MallId: 'sample-camping' },
  { mallId: 4, cafe24MallId: 'sample-denim' },
] as const;
export const DOMAIN_TYPES: readonly DomainType[] = ['MEMBER', 'ORDER', 'SALES'];
/** One for each mall and domain type. */
export const EXECUTIONS = MALLS.length * DOMAIN_TYPES.length;

/** Two runs of the two largest malls: those that a held night holds. */
export const HELD = 4;
const HELD_MALLS = [3, 4];

/** Values of an installation whose nights are short and can be met in the middle. */
export const NIGHT_VALUES: ChartValues = {
  trial: { malls: MALLS.length, jobLimit: 30 },
  nightly: { pageSize: 20, catchUpDays: 0 },
  leaseSeconds: 10,
};

/** Below all patience of the program, and long enough for what is done meanwhile: the large malls have many pages. */
export const HOLD = { kind: 'slow', latencyMs: 15_000 } as const;
const FREE_CALLS = 4;

export interface Night {
  /** As the CronJob controller would name it: its end says when the night was due. */
  readonly jobName: string;
  /** The day before, in Asia/Seoul. */
  readonly startDate: string;
  readonly endDate: string;
}

/** The night that was due at the last midnight of Asia/Seoul, or `earlier` days before. */
export function toNight(earlier: number): Night {
  const dueMs = startOfSeoulDay(Date.now()) - earlier * DAY_MS;
  return {
    jobName: `mallsync-nightly-${dueMs / 60_000}`,
    startDate: toSeoulTime(dueMs - DAY_MS),
    endDate: toSeoulTime(dueMs),
  };
}

/** Lets the database write down every page that commits; once an installation. */
export async function watchNights({ query }: Mallsync): Promise<void> {
  await watchPages(query);
}

/**
 * Begins a night and comes back in its middle: the two large malls' members and orders have committed pages, and none of
 * the rest comes before `letGo`.
 */
export async function holdNight(namespace: E2eNamespace, mallsync: Mallsync, night: Night): Promise<void> {
  for (const { cafe24MallId } of MALLS) {
    for (const endpoint of ['customersprivacy', 'orders'] as const) {
      await mallsync.simulator.control.addFault(cafe24MallId, { ...HOLD, endpoint, afterCalls: FREE_CALLS });
    }
  }
  await mallsync.createNight(night.jobName);
  await namespace.waitFor('the middle of the night', async () => (await listHeld(mallsync, night)).length === HELD);
}

export async function letGo({ simulator }: Mallsync): Promise<void> {
  for (const { cafe24MallId } of MALLS) await simulator.control.clearFaults(cafe24MallId);
}

export interface HeldRun {
  readonly executionId: number;
  readonly jobName: string;
  readonly pages: number;
  readonly fenceToken: number;
}

/** Runs of the night in their middle, in an order that stays. */
export async function listHeld({ query }: Mallsync, { startDate }: Night): Promise<readonly HeldRun[]> {
  return await query<HeldRun & Record<string, unknown>>(
    `select execution_id::integer as "executionId", job_name as "jobName", pages::integer, fence_token::integer as "fenceToken"
     from mallsync.tb_batch_execution_summary
     where start_date = $1 and mall_id = any($2) and domain_type in ('MEMBER', 'ORDER') and pages >= 2
       and status in ('RUNNING', 'WAITING') order by execution_id`,
    [startDate, HELD_MALLS],
  );
}

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status: { readonly phase: string };
  }[];
}

/** The pod of a Job that runs. */
export async function findPod(namespace: E2eNamespace, jobName: string): Promise<string> {
  const selector = `batch.kubernetes.io/job-name=${jobName}`;
  const { items } = await namespace.kubectlJson<PodList>(['get', 'pods', '--selector', selector]);
  const pod = items.find(({ status }) => status.phase === 'Running')?.metadata.name;
  if (pod === undefined) throw new Error(`no pod of ${jobName} runs`);
  return pod;
}
