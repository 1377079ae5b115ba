import { afterEach, expect } from 'vitest';
import { createClusterWorld } from './cluster-world.ts';
import {
  AT_ONCE,
  awaitLead,
  countRuns,
  isFinished,
  listJobsOf,
  listTwice,
  SLOWLY,
  toLeasePath,
} from './leader-scene.ts';
import type { Started } from './program.ts';

/** Of each MallSync here. */
export const MALLS = 40;
export const LEASE_LOST = { exitCode: 75, signal: null, lastWord: 'LeaseLost' };
export const ALL_DONE_ONCE = { isLaterEpoch: true, runs: { COMPLETED: MALLS }, twice: [] };

/** A world whose controllers live for one test each, and are met while they launch. */
export async function createLeaderWorld() {
  const world = await createClusterWorld();
  const kubelet = await world.startKubelet({ play: () => ({}) });
  const running: Started[] = [];
  let serial = 0;

  afterEach(async () => {
    for (const { process } of running) process.kill('SIGKILL');
    await Promise.all(running.splice(0).map(({ finished }) => finished));
  });

  function start(environment: Readonly<Record<string, string>>): Started {
    const started = world.startController(environment);
    running.push(started);
    return started;
  }

  async function holdLeaseAs(holderIdentity: string): Promise<void> {
    const renewTime = `${new Date().toISOString().slice(0, -1)}000Z`;
    await world.client.request('PATCH', toLeasePath(world), { spec: { holderIdentity, renewTime } });
  }

  async function meetInMidLaunch(environment: Readonly<Record<string, string>> = {}) {
    const mallSync = `night-${(serial += 1)}`;
    const mallIds = await world.addMalls(MALLS);
    const leader = start({ ...SLOWLY, ...environment });
    const epoch = await awaitLead(leader);
    await world.create(mallSync, { mallIds, parallelism: MALLS });
    await kubelet.waitUntil(() => listJobsOf(kubelet, mallSync).length > 20);
    return { leader, epoch, mallSync };
  }

  /** Resolves with how the process ended by itself, and prints how long it took. */
  async function awaitEnd(leader: Started) {
    const lostAtMs = performance.now();
    const { exitCode, signal, stderr } = await leader.finished;
    const tookMs = Math.round(performance.now() - lostAtMs);
    process.stdout.write(`${expect.getState().currentTestName ?? ''}: ended ${tookMs} ms after\n`);
    return { exitCode, signal, lastWord: /^mallsync: (.*?):/m.exec(stderr)?.[1] ?? stderr };
  }

  /** What the one before left is finished by the next one, and nothing is done twice. */
  async function finish(mallSync: string, epochBefore: number, standby?: Started) {
    // without a Lease nobody waits for the end of an old one
    if (standby === undefined) await world.client.request('DELETE', toLeasePath(world));
    const successor = standby ?? start(AT_ONCE);
    const epoch = await awaitLead(successor);
    await world.waitFor(mallSync, isFinished);
    return {
      isLaterEpoch: epoch > epochBefore,
      runs: await countRuns(world, mallSync),
      twice: [...listTwice(kubelet.record.countByExecution()), ...listTwice(kubelet.record.countByName())],
    };
  }

  return { world, kubelet, start, holdLeaseAs, meetInMidLaunch, awaitEnd, finish };
}
