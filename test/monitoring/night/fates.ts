import { createRetryRequests } from '../../../src/adapters/postgres/retry-request.ts';
import type { DomainType } from '../../../src/domain/domain-type.ts';
import { until } from '../../support/process-signals.ts';
import { terminate, withFastClock, type Fate, type JobWork } from '../../support/process-kubelet.ts';
import type { Started } from '../../support/program.ts';
import { playSync } from '../../support/sync-stand-in.ts';

/** So many hours of patience pass in seconds. */
const FAST = withFastClock(3_000);
const DEADLINE = { reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };

/** Its patience with Cafe24 ends within seconds. The pods before the last one, which went the same way, are left out. */
export const IMPATIENT: Fate = ({ run }) => run(FAST, 1);

/** Each of its pods loses patience with a Cafe24 that does not answer. */
export const UNANSWERED: Fate = ({ run }) => run(FAST);

/** Its pods find nobody at the address of the database. */
export const WITHOUT_DATABASE: Fate = ({ run }) =>
  run({ MALLSYNC_DATABASE_URL: 'postgres://mallsync@127.0.0.1:1/mallsync' });

/** Another process has taken the execution and does not let it go. */
export const HELD_BY_ANOTHER: Fate = async ({ job, ledger, run }) => {
  await playSync(ledger, job.executionId, { kind: 'held' });
  await run({ MALLSYNC_LEASE_SECONDS: '2' });
};

/** As the Job controller ends a pod at the Job's deadline. */
export const PAST_DEADLINE: Fate = async (work) => {
  const { job, kubelet } = work;
  const { exitCode } = await terminate(await meetInMidRun(work));
  await kubelet.showPod(job.name, { kind: 'exited', exitCode: exitCode ?? 0 });
  await kubelet.fail(job.name, DEADLINE);
};

/** As the kernel ends a pod over its memory limit. */
export const OUT_OF_MEMORY: Fate = async (work) => {
  const { job, kubelet } = work;
  await kill(await meetInMidRun(work));
  await kubelet.showPod(job.name, { kind: 'out-of-memory' });
  await kubelet.fail(job.name);
};

/** As the kubelet ends a pod of a node that is short of memory. */
export const EVICTED: Fate = async (work) => {
  const { job, kubelet } = work;
  await terminate(await meetInMidRun(work));
  await kubelet.showPod(job.name, { kind: 'evicted' });
  await kubelet.fail(job.name);
};

/** Its pod never gets its image. */
export const WITHOUT_IMAGE: Fate = async ({ job, kubelet }) => {
  await kubelet.start(job.name);
  await kubelet.showPod(job.name, { kind: 'image-pull' });
};

/** Its pod finds no node. */
export const WITHOUT_NODE: Fate = async ({ job, kubelet }) => {
  await kubelet.start(job.name);
  await kubelet.showPod(job.name, { kind: 'unschedulable' });
};

/** Somebody deletes its Job. */
export const DELETED: Fate = async (work) => {
  const { job, world } = work;
  const started = await meetInMidRun(work);
  const path = `/apis/batch/v1/namespaces/${world.namespace}/jobs/${job.name}?propagationPolicy=Background`;
  await world.client.request('DELETE', path);
  await kill(started);
};

/** Its process leaves with 0 and has settled nothing. */
export const COMPLETE_WITHOUT_END: Fate = async (work) => {
  await kill(await meetInMidRun(work));
  await work.kubelet.complete(work.job.name);
};

/** An operator stops it, and before that somebody asks for the same once more, which is refused. */
export const STOPPED: Fate = async (work) => {
  const { job, ledger, world } = work;
  const started = await meetInMidRun(work, { MALLSYNC_LEASE_SECONDS: '3' });
  const args: readonly string[] = job.object.spec.template.spec.containers[0].args;
  const valueOf = (flag: string): string => args[args.indexOf(`--${flag}`) + 1] ?? '';
  const period = { startDate: valueOf('start-date'), endDate: valueOf('end-date') };
  const domainType = valueOf('domain-type') as DomainType;
  await world.create('once-more', { ...period, domainType, mallIds: [job.mallId] });
  await until('the same to be refused', async () => (await world.read('once-more')).status?.malls?.refused === 1);
  await createRetryRequests(ledger).create('stop one', {
    ...period,
    kind: 'STOP',
    domainType,
    pageSize: 1_000,
    fingerprints: null,
    mallIds: [job.mallId],
    requestedBy: 'operator',
    reason: 'the shop is being moved',
  });
  // it learns by its lease that it must not write any more
  await started.finished;
};

/** The Job's process, as soon as it has claimed its execution. Its mall answers too slowly for it to go on. */
async function meetInMidRun(
  { job, kubelet, world, startProcess }: JobWork,
  environment: Readonly<Record<string, string>> = {},
): Promise<Started> {
  await kubelet.start(job.name);
  const started = startProcess(environment);
  await until(`execution ${job.executionId} to run`, async () => {
    const [row] = await world.database.query<{ status: string }>(
      'select status from mallsync.tb_batch_execution_summary where execution_id = $1',
      [job.executionId],
    );
    return row?.status === 'RUNNING';
  });
  return started;
}

async function kill({ process, finished }: Started): Promise<void> {
  process.kill('SIGKILL');
  await finished;
}
