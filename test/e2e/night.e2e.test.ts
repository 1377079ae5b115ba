import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS, startOfSeoulDay, toSeoulDay } from '../../src/domain/seoul-time.ts';
import { installMallsync, RELEASE, type Mallsync, type SeenMallSync } from '../support/e2e-install.ts';
import {
  expectOneJobEach,
  listEvents,
  listEventWords,
  listPods,
  listRestarted,
  listSyncJobs,
} from '../support/e2e-jobs.ts';
import { expectCounted, expectMetricsOfLedger, expectTrueData, listExecutions } from '../support/e2e-ledger.ts';
import { useNamespace } from '../support/e2e-namespace.ts';
import { waitOutSeoulMidnight } from '../support/seoul-midnight.ts';

const CRON_JOB = `${RELEASE}-nightly`;
const NIGHTLY = ['member', 'order', 'sales'];
/** sample-lost, the mall without consent. */
const LOST = 9;
const LOST_CONSENT = 'mall 9 AuthFailed';

const namespace = await useNamespace('night');
let mallsync: Mallsync;
let dueMs: number;
let ended: readonly SeenMallSync[];

beforeAll(async () => {
  mallsync = await installMallsync(namespace);
  await waitOutSeoulMidnight(600_000);
  dueMs = Date.now();
}, 1_200_000);
afterAll(() => mallsync.stop());

/** The night of the day before `instantMs`. */
function toNight(instantMs: number): string {
  return toSeoulDay(startOfSeoulDay(instantMs) - 1).replaceAll('-', '');
}

function conditionOf({ status }: SeenMallSync, type: string): string {
  const found = status?.conditions.find((condition) => condition.type === type);
  return `${found?.status} ${found?.reason}`;
}

interface Named {
  readonly metadata: { readonly name: string; readonly uid: string; readonly ownerReferences?: readonly object[] };
}

/** All that a night makes. */
async function listMade(): Promise<readonly string[]> {
  const mallSyncs: readonly Named[] = await mallsync.listMallSyncs();
  const jobs: readonly Named[] = await listSyncJobs(namespace);
  const executions = await listExecutions(mallsync);
  return [
    ...[...mallSyncs, ...jobs].map(({ metadata }) => `${metadata.name} ${metadata.uid}`),
    ...executions.map(({ executionId }) => executionId),
  ].toSorted();
}

/** Moves the CronJob to the next minute and gives the Job that the cluster then makes of it by itself. */
async function letScheduleRing(): Promise<string> {
  const at = new Date(Math.ceil((Date.now() + 5_000) / 60_000) * 60_000 + 9 * 3_600_000);
  const schedule = `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`;
  await namespace.kubectl(['patch', 'cronjob', CRON_JOB, '--patch', JSON.stringify({ spec: { schedule } })]);
  const name = `${CRON_JOB}-${Math.floor((at.getTime() - 9 * 3_600_000) / 60_000)}`;
  return await namespace.waitFor(`the Job ${name}`, async () => {
    const { items } = await namespace.kubectlJson<{ readonly items: readonly Named[] }>(['get', 'jobs']);
    return items.some(({ metadata }) => metadata.name === name && metadata.ownerReferences !== undefined) && name;
  });
}

async function readLog(job: string): Promise<string> {
  await namespace.kubectl(['wait', '--for=condition=Complete', `job/${job}`, '--timeout=120s']);
  return await namespace.kubectl(['logs', `job/${job}`]);
}

describe('an installed trial', () => {
  it('passes its own check', async () => {
    expect(await namespace.helm(['test', RELEASE])).toMatch(/Phase: +Succeeded/);
  });

  it('names the night after the Job that the CronJob made', async () => {
    const name = `${CRON_JOB}-${startOfSeoulDay(dueMs - 4 * DAY_MS) / 60_000}`;
    const job = await namespace.kubectlJson<{ spec: { template: { spec: { containers: { args: string[] }[] } } } }>([
      'create',
      'job',
      name,
      `--from=cronjob/${CRON_JOB}`,
      '--dry-run=client',
    ]);
    job.spec.template.spec.containers[0]?.args.push('--dry-run', '--json');
    await namespace.apply(job);
    const { items } = JSON.parse(await readLog(name)) as { readonly items: readonly SeenMallSync[] };
    const night = toNight(dueMs - 4 * DAY_MS);
    expect(items.map(({ metadata }) => metadata.name)).toEqual(NIGHTLY.map((domain) => `nightly-${domain}-${night}`));
    await namespace.kubectl(['delete', 'job', name]);
  });
});

describe('a night of 20 malls', () => {
  const created = NIGHTLY.map((domain) => `nightly-${domain}-`);

  it('is made by a Job from the CronJob, and by the schedule no second time', async () => {
    const night = toNight(dueMs);
    const lines = (word: string): string => created.map((name) => `${word.padEnd(8)}${name}${night}\n`).join('');
    expect(await mallsync.createNight('night-by-hand')).toBe(lines('created'));
    expect(await readLog(await letScheduleRing())).toBe(lines('exists'));
    ended = await mallsync.waitForNight();
    expect(ended.map(({ metadata }) => metadata.name).toSorted()).toEqual(created.map((name) => `${name}${night}`));
  });

  it('stores what the simulator holds, in one attempt for each mall and domain type', async () => {
    const executions = await listExecutions(mallsync);
    expect(executions.map(({ attemptCount }) => attemptCount)).toEqual(Array(60).fill(1));
    expect(new Set(executions.map(({ mallId, domainType }) => `${mallId} ${domainType}`)).size).toBe(60);
    expect(executions.filter(({ pages }) => pages > 1).length).toBeGreaterThan(20);
    await expectTrueData(mallsync, executions);
    const others = executions.filter(({ status }) => status !== 'COMPLETED');
    expect(others.map((each) => `${each.cafe24MallId} ${each.domainType} ${each.status}`).toSorted()).toEqual([
      'sample-lost MEMBER FAILED',
      'sample-lost ORDER FAILED',
      'sample-lost SALES FAILED',
      'sample-poison MEMBER COMPLETED_WITH_REJECTS',
      'sample-poison ORDER COMPLETED_WITH_REJECTS',
    ]);
  });

  it('runs one Job with one pod for each, labelled with its parameters, and no pod starts twice', async () => {
    await expectOneJobEach(namespace, await listExecutions(mallsync));
    expect(await listRestarted(namespace)).toEqual([]);
  });

  it('is counted alike in status, ledger and metrics, and told once', async () => {
    const executions = await listExecutions(mallsync);
    for (const mallSync of ended) {
      expectCounted(mallSync, executions);
      expect(mallSync.status?.malls).toMatchObject({ total: 20, failed: 1 });
      expect(conditionOf(mallSync, 'Admitted')).toBe('True Admitted');
      expect(conditionOf(mallSync, 'Progressing')).toBe('False AuthFailed');
      expect(conditionOf(mallSync, 'Succeeded')).toBe('False AuthFailed');
      expect(conditionOf(mallSync, 'Degraded')).toBe('True AuthFailed');
      const words = await listEventWords(namespace, mallSync.metadata.name);
      expect(words.toSorted()).toEqual(['Normal Admitted', 'Warning Failed', 'Warning MallFailed']);
    }
    await expectMetricsOfLedger(mallsync);
  });

  it('makes nothing when it is asked for again', async () => {
    const before = await listMade();
    expect(await mallsync.createNight('night-again')).toMatch(/^(exists {2}nightly-\w+-\d+\n){3}$/);
    expect(await listMade()).toEqual(before);
    await expectMetricsOfLedger(mallsync);
  });
});

describe('the mall without consent', () => {
  it('fails at once with one pod, and says so everywhere', async () => {
    const executions = (await listExecutions(mallsync)).filter(({ mallId }) => mallId === LOST);
    expect(executions.map(({ exitCode, failureReason }) => `${exitCode} ${failureReason}`)).toEqual(
      Array(3).fill('77 AuthFailed'),
    );
    const pods = await listPods(namespace, ['--selector', `mallsync.io/mall-id=${LOST}`]);
    expect(pods.length).toBe(3);
    for (const { metadata, status } of ended) {
      expect(status?.failures).toMatchObject([{ mallId: LOST, reason: 'AuthFailed', attempt: 1 }]);
      expect(status?.explanation).toContain(LOST_CONSENT);
      const failures = (await listEvents(namespace, metadata.name)).filter(({ reason }) => reason === 'MallFailed');
      expect(failures.map(({ note }) => note)).toEqual([expect.stringContaining(LOST_CONSENT)]);
    }
    const metrics = [...(await mallsync.readMetrics())].filter(([name]) => name.includes('reason="AuthFailed"'));
    const runs = metrics.filter(([name]) => name.startsWith('mallsync_runs_total{'));
    expect(runs.map(([, value]) => value)).toEqual([1, 1, 1]);
    expect(metrics).toContainEqual(['mallsync_night_failed_malls{reason="AuthFailed"}', 1]);
  });

  it('runs alone after its consent, as attempt 2, and the night has succeeded', async () => {
    const before = new Set((await listSyncJobs(namespace)).map(({ metadata }) => metadata.uid));
    await authorize();
    for (const { metadata } of ended) {
      const patch = ['--type=merge', '--patch', '{"spec":{"attemptCount":2}}'];
      await namespace.kubectl(['patch', 'mallsync', metadata.name, ...patch]);
    }
    ended = await mallsync.waitForNight();
    const executions = await listExecutions(mallsync);
    const again = executions.slice(60);
    expect(again.map(({ mallId, attemptCount, status }) => `${mallId} ${attemptCount} ${status}`)).toEqual(
      Array(3).fill(`${LOST} 2 COMPLETED`),
    );
    await expectTrueData(mallsync, again);
    const fresh = (await listSyncJobs(namespace)).filter(({ metadata }) => !before.has(metadata.uid));
    expect(fresh.map(({ metadata }) => metadata.labels['mallsync.io/mall-id'])).toEqual(Array(3).fill(String(LOST)));
    await expectOneJobEach(namespace, executions);
    for (const mallSync of ended) {
      expectCounted(mallSync, executions);
      const isSound = mallSync.status?.malls['withRejects'] === 0;
      const end = isSound ? 'Normal Succeeded' : 'Warning CompletedWithRejects';
      expect(conditionOf(mallSync, 'Succeeded')).toBe(isSound ? 'True Succeeded' : 'True CompletedWithRejects');
      const words = await listEventWords(namespace, mallSync.metadata.name);
      expect(words.slice(-2)).toEqual(['Normal Reopened', end]);
      expect(words.length).toBe(5);
    }
    await expectMetricsOfLedger(mallsync);
  });
});

/** As an operator does: the address from the toolbox, a visit that agrees, the address that it led to. */
async function authorize(): Promise<void> {
  const command = ['mallsync', 'malls', 'authorize', String(LOST), '--redirect-uri', 'https://example.com/back'];
  const exec = ['exec', `deploy/${RELEASE}-toolbox`, '--', ...command];
  const consent = new URL((await namespace.kubectl([...exec, '--print-url'])).trim());
  const answer = await fetch(`${mallsync.simulator.url}${consent.pathname}${consent.search}`, { redirect: 'manual' });
  const said = await namespace.kubectl([...exec, '--code', answer.headers.get('location') ?? '']);
  expect(said).toContain(`mall ${LOST} is authorized`);
}
