import { describe, expect, test } from 'vitest';
import { createClusterWorld } from '../support/cluster-world.ts';
import { awaitLead, countRuns, isFinished, listJobsOf, listTwice } from '../support/leader-scene.ts';
import { openPooler } from '../support/pgbouncer.ts';
import { readLeftovers } from '../support/pooled-sessions.ts';
import { killHard } from '../support/process-signals.ts';

const PATIENCE = { timeout: 180_000 };
const MALLS = 30;
const NOTHING = { settings: [], preparedStatements: [], channels: [], advisoryLocks: 0, temporaryRows: 0 };

const world = await createClusterWorld();
/** Fewer than one controller has clients. */
const pooler = await openPooler(world.database.url, { poolSize: 2 });
const urls = { MALLSYNC_DATABASE_URL: pooler.url, MALLSYNC_DATABASE_DIRECT_URL: world.database.url };
const kubelet = await world.startKubelet({ play: () => ({ runMs: 100 }) });
const controller = {
  ...urls,
  MALLSYNC_JOBS_PER_SECOND: '10',
  // the second one waits for the first one's Lease to end, whatever else the machine does
  MALLSYNC_LEADER_LEASE_SECONDS: '8',
  MALLSYNC_LEADER_RENEW_SECONDS: '6',
};

interface Session {
  readonly pid: number;
  readonly name: string;
}

/** Those that listen, and those that hold a lock of their session while no transaction of theirs is open. */
function listSessionUsers(): Promise<readonly Session[]> {
  return world.database.query<Session & Record<string, unknown>>(
    `select pid, application_name as name from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and (query ilike 'listen %' or state = 'idle'
       and exists (select from pg_locks where pg_locks.pid = pg_stat_activity.pid and locktype = 'advisory'))`,
  );
}

describe.skipIf(pooler.isMissing)('a controller behind a pooler', () => {
  test('that is killed in mid-launch is followed by another, and every Job is made once', PATIENCE, async () => {
    const mallIds = await world.addMalls(MALLS);
    const first = world.startController(controller);
    const epoch = await awaitLead(first);
    await world.create('night', { mallIds, parallelism: MALLS });
    await kubelet.waitUntil(() => listJobsOf(kubelet, 'night').length >= MALLS / 2);
    const [clients, servers] = [await pooler.show('clients'), await pooler.show('servers')];
    expect(clients.length).toBeGreaterThan(servers.length);
    expect(await killHard(first)).toBe(true);

    const second = world.startController(controller);
    expect(await awaitLead(second)).toBe(epoch + 1);
    const { status } = await world.waitFor('night', isFinished);
    expect(status.malls).toMatchObject({ total: MALLS, succeeded: MALLS, failed: 0 });
    expect(await countRuns(world, 'night')).toEqual({ COMPLETED: MALLS });
    expect(listTwice(kubelet.record.countByName())).toEqual([]);

    const { length } = await pooler.show('clients');
    process.stdout.write(`the controller keeps ${length} connections to the pooler and one past it\n`);
    second.process.kill('SIGTERM');
    expect(await second.finished).toMatchObject({ exitCode: 0 });
    expect(await readLeftovers(pooler)).toEqual([NOTHING, NOTHING]);
  });

  test('listens past it, hears of a re-run and of the night, and leaves nothing behind', PATIENCE, async () => {
    const [mallId = 0] = await world.addMalls(1);
    const second = world.startController(controller);
    await awaitLead(second);
    await expect.poll(async () => (await listSessionUsers()).length, { timeout: 30_000 }).toBeGreaterThan(0);
    const backends = await pooler.listBackends();
    const [listener, ...others] = await listSessionUsers();
    expect(others).toEqual([]);
    expect(listener?.name).toBe('mallsync controller listens in mallsync');
    expect(backends).not.toContain(listener?.pid);

    const wish = ['--malls', String(mallId), '--domain', 'ORDER', '--start', '2025-12-01T00:00:00', '--end'];
    const rerun = world.start(['rerun', '--json', ...wish, '2025-12-02T00:00:00', '--wait'], { ...urls, USER: 'kim' });
    const { exitCode, stdout, stderr } = await rerun.finished;
    expect(exitCode, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ isServed: true, requests: [{ state: 'DONE' }] });

    const KUBECONFIG = await world.writeKubeconfig('mallsync-nightly');
    const nightly = [
      'nightly',
      '--scheduled-at',
      '2025-12-21T00:00:00+09:00',
      '--domain',
      'MEMBER',
      '--catch-up-days',
      '0',
    ];
    expect(await world.start(nightly, { ...urls, KUBECONFIG }).finished).toMatchObject({ exitCode: 0 });
    const made = await world.waitFor('nightly-member-20251220', isFinished);
    expect(made.status.malls).toMatchObject({ total: MALLS + 1, succeeded: MALLS + 1 });
    expect(listTwice(kubelet.record.countByName())).toEqual([]);

    second.process.kill('SIGTERM');
    expect(await second.finished).toMatchObject({ exitCode: 0 });
    const released = world.start(['controller', '--release'], controller);
    expect(await released.finished).toMatchObject({ exitCode: 0 });
    expect(await listSessionUsers()).toEqual([]);
    expect(await readLeftovers(pooler)).toEqual([NOTHING, NOTHING]);
  });
});
