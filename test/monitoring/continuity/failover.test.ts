import { describe, expect, test } from 'vitest';
import { createClusterWorld } from '../../support/cluster-world.ts';
import { atFileEnd } from '../../support/file-end.ts';
import { awaitLead, awaitStandby, awaitUrl, isFinished, listTwice } from '../../support/leader-scene.ts';
import { sumBy, sumOf, toFamily, type Series } from '../../support/metrics-text.ts';
import { freeze, killHard, thaw } from '../../support/process-signals.ts';
import type { Started } from '../../support/program.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';
import type { JobPlay } from '../../support/test-kubelet.ts';
import { listFalls, startPodScrapes, type Round } from './pod-scrapes.ts';

const MALLS = 60;
const DOMAINS = ['MEMBER', 'ORDER'] as const;
const SLOWLY = { MALLSYNC_JOBS_PER_SECOND: '12', MALLSYNC_JOB_LIMIT: '500' };
/** Four nights are played, on a machine that others use too. */
const PATIENCE = { timeout: 240_000 };

/** By the mall's number: what becomes of its Job, in the ways that are counted apart. */
const PLAYS: readonly JobPlay[] = [
  { sync: { kind: 'completed', rows: 7 } },
  { sync: { kind: 'rejects', rows: 3, rejected: 2 } },
  { sync: { kind: 'failed', reason: 'AuthFailed' }, end: { reason: 'PodFailurePolicy', message: 'exit code 77' } },
  { sync: { kind: 'released', reason: 'UpstreamUnavailable' }, end: { reason: 'BackoffLimitExceeded', message: '' } },
  { sync: { kind: 'held' }, end: { reason: 'BackoffLimitExceeded', message: '' } },
  // its row in the ledger says one thing, its Job another
  { sync: { kind: 'completed', rows: 1 }, end: { reason: 'BackoffLimitExceeded', message: '' } },
];

const world = await createClusterWorld();
const target = new URL(world.database.url);
const proxy = await startTcpProxy(target.hostname, Number(target.port));
atFileEnd(() => proxy.close());
const url = new URL(world.database.url);
[url.hostname, url.port] = [proxy.host, String(proxy.port)];
const environment = { ...SLOWLY, MALLSYNC_DATABASE_URL: url.href };

const kubelet = await world.startKubelet({
  play: ({ mallId }) => ({ runMs: 150, ...PLAYS[mallId % PLAYS.length] }),
});
const mallIds = await world.addMalls(MALLS);
const scrapes = await startPodScrapes();
atFileEnd(() => scrapes.stop());
let nights = 0;

async function beginNight(): Promise<readonly string[]> {
  nights += 1;
  const day = `2025-11-${String(nights).padStart(2, '0')}`;
  const names = DOMAINS.map((domainType) => `night-${nights}-${domainType.toLowerCase()}`);
  for (const [index, domainType] of DOMAINS.entries()) {
    const period = { startDate: `${day}T00:00:00`, endDate: `${day}T23:59:59` };
    await world.create(names[index] ?? '', { domainType, mallIds, parallelism: MALLS, ...period });
  }
  return names;
}

const endNight = (names: readonly string[]): Promise<unknown> =>
  Promise.all(names.map((name) => world.waitFor(name, isFinished)));

/** Some of the night is counted, and some is not. */
async function meetInMidNight(): Promise<void> {
  const counted = sumOf(lastTold().sums, 'mallsync_runs_total');
  await scrapes.next(({ sums }) => sumOf(sums, 'mallsync_runs_total') >= counted + MALLS / 4);
}

function lastTold(): Round {
  const last = scrapes.rounds.findLast(({ tellers }) => tellers > 0);
  if (last === undefined) throw new Error('nobody ever told of the fleet');
  return last;
}

async function startPods(count: number): Promise<readonly Started[]> {
  const pods = Array.from({ length: count }, () => world.startController(environment));
  scrapes.setPods(await Promise.all(pods.map(awaitUrl)));
  await Promise.race(pods.map(awaitLead));
  return pods;
}

/** Labels of the metric's series in order of their names, as the ledger's rows are summed below. */
function sumsOf(series: Series, family: string, labels: readonly string[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const [name, value] of series) {
    if (toFamily(name) !== family || value === 0) continue;
    const key = labels.map((label) => new RegExp(`[{,]${label}="([^"]*)"`).exec(name)?.[1] ?? '').join(' ');
    sums[key] = (sums[key] ?? 0) + value;
  }
  return sums;
}

async function readSums(sql: string): Promise<Readonly<Record<string, number>>> {
  const rows = await world.database.query<{ key: string; value: string }>(sql);
  return Object.fromEntries(rows.map(({ key, value }) => [key, Number(value)]));
}

const EXECUTIONS = 'mallsync.tb_batch_execution_summary';

/** The counters say what the rows of the ledger do, each execution once. */
async function expectExact(): Promise<void> {
  const ended = await readSums(`select 'all' as key, count(*) as value from ${EXECUTIONS} where ended_at is not null`);
  const { sums } = await scrapes.next((round) => sumOf(round.sums, 'mallsync_runs_total') >= (ended['all'] ?? 0));
  expect(sumsOf(sums, 'mallsync_runs_total', ['domain', 'result', 'reason'])).toEqual(
    await readSums(
      `select concat_ws(' ', domain_type, status, coalesce(failure_reason, '')) as key, count(*) as value
       from ${EXECUTIONS} where ended_at is not null group by 1`,
    ),
  );
  const outcomes = ['inserted', 'updated', 'unchanged', 'stale', 'rejected', 'duplicate'];
  expect(sumsOf(sums, 'mallsync_rows_total', ['domain', 'outcome'])).toEqual(
    await readSums(
      outcomes
        .map(
          (outcome) =>
            `select domain_type || ' ${outcome}' as key, sum(${outcome}) as value from ${EXECUTIONS}
             group by domain_type having sum(${outcome}) > 0`,
        )
        .join(' union all '),
    ),
  );
  expect(sumsOf(sums, 'mallsync_run_duration_seconds_count', ['domain'])).toEqual(
    await readSums(
      `select domain_type as key, count(*) as value from ${EXECUTIONS}
       where ended_at is not null and started_at is not null group by 1`,
    ),
  );
  // one Job each, which started once and of which the outcome was recorded once
  const { all } = await readSums(
    `select 'all' as key, count(*) as value from ${EXECUTIONS} where recorded_at is not null`,
  );
  expect(sumOf(sums, 'mallsync_job_create_to_start_seconds_count')).toBe(all);
  expect(sumOf(sums, 'mallsync_outcome_record_lag_seconds_count')).toBe(all);
  expect(ended['all']).toBe(nights * DOMAINS.length * MALLS);
  expect(listTwice(kubelet.record.countByExecution())).toEqual([]);
}

describe('the fleet’s counters, over all pods', () => {
  let leader: Started;
  let standby: Started;

  test('go on where they stood when the leader is killed and the standby takes over', PATIENCE, async () => {
    leader = world.startController(environment);
    await awaitLead(leader);
    standby = world.startController(environment);
    await awaitStandby(standby);
    scrapes.setPods(await Promise.all([leader, standby].map(awaitUrl)));
    await scrapes.next(({ tellers }) => tellers > 0);
    const night = await beginNight();
    await meetInMidNight();
    expect(await killHard(leader)).toBe(true);
    await awaitLead(standby);
    await endNight(night);
    await expectExact();
  });

  test(
    'are nobody’s while the leader is frozen, and one’s alone when it wakes up beside the next',
    PATIENCE,
    async () => {
      const next = world.startController(environment);
      await awaitStandby(next);
      scrapes.setPods(await Promise.all([standby, next].map(awaitUrl)));
      const night = await beginNight();
      await meetInMidNight();
      scrapes.setPods([await awaitUrl(next)]);
      await freeze(standby);
      await awaitLead(next);
      scrapes.setPods(await Promise.all([standby, next].map(awaitUrl)));
      thaw(standby);
      expect((await standby.finished).exitCode).toBe(75);
      await endNight(night);
      await expectExact();
      leader = next;
    },
  );

  test('are left out while the database is away, and come back as they were', PATIENCE, async () => {
    const night = await beginNight();
    await meetInMidNight();
    const before = lastTold();
    await proxy.cut();
    await scrapes.next(({ tellers }) => tellers === 0);
    await proxy.mend();
    const after = await scrapes.next(({ tellers }) => tellers > 0);
    expect(sumOf(after.sums, 'mallsync_runs_total')).toBeGreaterThanOrEqual(sumOf(before.sums, 'mallsync_runs_total'));
    await endNight(night);
    await expectExact();
  });

  test('stand when everything is restarted in mid-night', PATIENCE, async () => {
    const night = await beginNight();
    await meetInMidNight();
    expect(await killHard(leader)).toBe(true);
    await proxy.cut();
    await world.database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name like 'mallsync controller%'`,
    );
    await proxy.mend();
    const pods = await startPods(2);
    await endNight(night);
    await expectExact();
    for (const { process } of pods) process.kill('SIGTERM');
    for (const { finished } of pods) expect((await finished).exitCode).toBe(0);
  });

  test('never fell, and no two pods ever told of the fleet at once', async () => {
    await scrapes.stop();
    expect(scrapes.rounds.length).toBeGreaterThan(100);
    expect(listFalls(scrapes.rounds)).toEqual([]);
    expect(Math.max(...scrapes.rounds.map(({ tellers }) => tellers))).toBe(1);
    expect(Object.keys(sumBy(lastTold().sums, 'mallsync_runs_total', 'domain')).toSorted()).toEqual([
      'MEMBER',
      'ORDER',
      'SALES',
    ]);
  });
});

describe('the comparison', () => {
  const round = (values: Readonly<Record<string, number>>): Round => ({
    tellers: 1,
    sums: new Map(Object.entries(values)),
  });

  test('sees a counter that falls, one that is gone, and none in a round without the fleet', () => {
    const silent: Round = { tellers: 0, sums: new Map() };
    expect(listFalls([round({ a: 1, b: 2 }), silent, round({ a: 1, b: 3 })])).toEqual([]);
    expect(listFalls([round({ a: 1, b: 2 }), silent, round({ a: 0 })])).toEqual([
      'round 1: a from 1 to 0',
      'round 1: b from 2 to nothing',
    ]);
  });
});
