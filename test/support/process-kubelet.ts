import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../../src/adapters/postgres/database.ts';
import type { KubeObject } from './api-server-door.ts';
import type { ClusterWorld } from './cluster-world.ts';
import { atFileEnd } from './file-end.ts';
import type { Finished, Started } from './program.ts';
import type { SeenJob } from './test-kubelet-record.ts';
import type { TestKubelet } from './test-kubelet.ts';

type Variables = Readonly<Record<string, string>>;

/** One Job in the hands of its fate. */
export interface JobWork {
  readonly world: ClusterWorld;
  readonly job: SeenJob;
  readonly kubelet: TestKubelet;
  /** A door to the ledger, for what stands in for a process that dies without a word. */
  readonly ledger: Database;
  /** A real `sync` with the container's arguments and variables. */
  readonly startProcess: (environment?: Variables) => Started;
  /**
   * The Job to its end, as the Job controller has it: real `sync` processes one after the other until one completes, ends
   * for good by the Job's own pod failure policy, or all pods are used up.
   * @param pods how many processes the Job has; by default what its backoffLimit allows
   */
  readonly run: (environment?: Variables, pods?: number) => Promise<void>;
}

export type Fate = (work: JobWork) => Promise<void>;

export interface ProcessKubelet {
  readonly kubelet: TestKubelet;
  /** Resolves when nothing runs any more; rejects with the first thing that went wrong on the way. */
  rest(): Promise<void>;
}

export interface ProcessKubeletOptions {
  readonly world: ClusterWorld;
  /** What becomes of a Job. */
  readonly findFate: (job: SeenJob) => Fate;
  /** Jobs at once, as a small node has room for. */
  readonly slots: number;
}

export const AS_IT_IS: Fate = ({ run }) => run();

/** Variables of a process whose patience passes in seconds; its lease outlasts it. */
export function withFastClock(factor: number): Variables {
  const module = new URL('fast-clock.ts', import.meta.url).href;
  return { NODE_OPTIONS: `--import ${module}`, TEST_CLOCK_FACTOR: String(factor), MALLSYNC_LEASE_SECONDS: '3600' };
}

/** The test kubelet with real processes: each Job of the namespace runs `sync` here, as its pods would. */
export async function startProcessKubelet(options: ProcessKubeletOptions): Promise<ProcessKubelet> {
  const { world, findFate, slots } = options;
  const folder = await mkdtemp(join(tmpdir(), 'mallsync-pods-'));
  const ledger = await world.database.open({ applicationName: 'pods that die', leaseSeconds: 600 });
  const seen = new Set<string>();
  const waiting: SeenJob[] = [];
  const working = new Set<Promise<void>>();
  const processes = new Set<Started>();
  const failures: unknown[] = [];
  let serial = 0;
  let isOver = false;

  const kubelet = await world.startKubelet({
    play(job) {
      if (seen.has(job.uid)) return null;
      seen.add(job.uid);
      waiting.push(job);
      fill();
      return null;
    },
  });
  atFileEnd(async () => {
    isOver = true;
    // some wait for malls that never answer
    for (const { process } of processes) process.kill('SIGKILL');
    await Promise.allSettled(Array.from(processes, ({ finished }) => finished));
    await rm(folder, { recursive: true, force: true });
  });

  function fill(): void {
    while (working.size < slots) {
      const job = waiting.shift();
      if (job === undefined || isOver) return;
      const done: Promise<void> = work(job)
        .catch((error: unknown) => void failures.push(error))
        .finally(() => {
          working.delete(done);
          fill();
        });
      working.add(done);
    }
  }

  async function work(job: SeenJob): Promise<void> {
    const container = findContainer(job.object);
    const startProcess = (environment: Variables = {}): Started => {
      const variables = { ...toVariables(container, world.environment), ...environment };
      const started = world.start(container.args, variables);
      processes.add(started);
      void started.finished.finally(() => processes.delete(started));
      return started;
    };
    const run = async (environment: Variables = {}, pods: number = job.object.spec.backoffLimit + 1): Promise<void> => {
      await kubelet.start(job.name);
      for (let left = pods; left > 0; left -= 1) {
        const terminationLog = join(folder, `termination-${(serial += 1)}`);
        const started = startProcess({ ...environment, MALLSYNC_TERMINATION_LOG: terminationLog });
        const { exitCode } = await started.finished;
        // the file's end kills what runs
        if (isOver) return;
        if (exitCode === null) throw new Error(`the process of ${job.name} was killed`);
        const message = await readFile(terminationLog, 'utf8').catch(() => '');
        await kubelet.showPod(job.name, { kind: 'exited', exitCode, message });
        if (exitCode === 0) return await kubelet.complete(job.name);
        if (endsForGood(job.object, exitCode)) {
          const why = `Container sync failed with exit code ${exitCode} matching FailJob rule at index 0`;
          return await kubelet.fail(job.name, { reason: 'PodFailurePolicy', message: why });
        }
      }
      await kubelet.fail(job.name);
    };
    await findFate(job)({ world, job, kubelet, ledger, startProcess, run });
  }

  return {
    kubelet,
    async rest() {
      while (working.size > 0) await Promise.all(working);
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** Ends a process as the kubelet ends a pod. */
export async function terminate(started: Started): Promise<Finished> {
  started.process.kill('SIGTERM');
  return await started.finished;
}

function findContainer(job: KubeObject): { readonly args: readonly string[]; readonly env: readonly KubeObject[] } {
  return job.spec.template.spec.containers.find(({ name }: KubeObject) => name === 'sync');
}

/** Those that name a Secret get what the world holds under the same name, as the chart's Secret does. */
function toVariables({ env }: { readonly env: readonly KubeObject[] }, secrets: Variables): Variables {
  return Object.fromEntries(env.map(({ name, value }) => [name, value ?? secrets[name] ?? '']));
}

function endsForGood(job: KubeObject, exitCode: number): boolean {
  const rules: readonly KubeObject[] = job.spec.podFailurePolicy.rules;
  return rules.some(({ action, onExitCodes }) => action === 'FailJob' && onExitCodes?.values.includes(exitCode));
}
