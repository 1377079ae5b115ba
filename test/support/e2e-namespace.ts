import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, inject } from 'vitest';
import { describeNamespace, writeDiagnosis } from './e2e-diagnosis.ts';
import { startForward, type Forward } from './e2e-forward.ts';
import { ROOT } from './e2e-image.ts';
import { createTools, waitFor, type ClusterTools } from './e2e-kubectl.ts';

export interface E2eNamespace extends ClusterTools {
  /** Polls; the error after `seconds` shows the namespace's pods, Jobs, MallSyncs, events and logs. */
  waitFor<T>(what: string, check: () => Promise<T | undefined | false>, seconds?: number): Promise<T>;
  /** A port of a Service or pod on this machine: `forward('service/mallsync-postgres', 5432)`. */
  forward(target: string, port: number): Promise<Forward>;
  /** Writes all that is known of it to a folder and gives that folder. */
  saveDiagnosis(title: string): Promise<string>;
  /** Uninstalls its releases and deletes it. */
  close(): Promise<void>;
}

const RESTRICTED = Object.fromEntries(
  ['enforce', 'warn', 'audit'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']),
);
const WAIT_SECONDS = 120;
const END_SECONDS = 90;

/** A namespace that takes only pods which meet Pod Security "restricted". The caller closes it. */
export async function openNamespace(purpose: string): Promise<E2eNamespace> {
  const name = `e2e-${purpose}-${randomUUID().slice(0, 6)}`;
  const tools = createTools(inject('e2e'), name);
  await tools.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: RESTRICTED } });
  const forwards: Forward[] = [];
  return {
    ...tools,
    waitFor: (what, check, seconds = WAIT_SECONDS) =>
      waitFor(what, check, AbortSignal.timeout(seconds * 1_000), () => describeNamespace(tools)),
    forward: async (target, port) => {
      const forward = await startForward(tools, target, port);
      forwards.push(forward);
      return forward;
    },
    saveDiagnosis: async (title) => {
      const folder = join(ROOT, '.mallsync', 'e2e', name, title.replaceAll(/[^\w-]+/g, '-'));
      await writeDiagnosis(tools, folder);
      return folder;
    },
    close: async () => {
      for (const forward of forwards) forward.stop();
      await removeNamespace(tools);
    },
  };
}

/**
 * The same for a whole test file, called at its top: closed when the file ends, and after a test that failed all that is
 * known of it stands in .mallsync/e2e/.
 */
export async function useNamespace(purpose: string): Promise<E2eNamespace> {
  const namespace = await openNamespace(purpose);
  saveWhenFailed(namespace);
  afterAll(() => namespace.close());
  return namespace;
}

/** For a namespace that is opened in another way than by `useNamespace`; called at a file's top or in a `describe`. */
export function saveWhenFailed(namespace: Pick<E2eNamespace, 'saveDiagnosis'>): void {
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    process.stderr.write(`${task.name}: see ${await namespace.saveDiagnosis(task.name)}\n`);
  });
}

/**
 * What a release's own end lets go of is let go of first. Where that failed with the test, finalizers that nobody is
 * left to take off are taken off here: the next file needs a clean cluster.
 */
async function removeNamespace(tools: ClusterTools): Promise<void> {
  const releases = JSON.parse(await tools.helm(['list', '--all', '--output', 'json'])) as { readonly name: string }[];
  for (const { name } of releases) {
    await tools.helm(['uninstall', name, '--wait', '--timeout', '60s']).catch((error: unknown) => {
      process.stderr.write(`${tools.namespace}: ${String(error)}\n`);
    });
  }
  const remove = ['delete', 'namespace', tools.namespace, '--ignore-not-found', '--timeout', `${END_SECONDS}s`];
  try {
    await tools.kubectl(remove);
  } catch {
    await dropFinalizers(tools);
    await tools.kubectl(remove);
  }
}

async function dropFinalizers(tools: ClusterTools): Promise<void> {
  for (const kind of ['mallsyncs', 'jobs']) {
    const names = (await tools.kubectl(['get', kind, '--output', 'name']).catch(() => '')).split('\n').filter(Boolean);
    process.stderr.write(`${tools.namespace}: finalizers of ${names.length} ${kind} were left\n`);
    const patch = JSON.stringify({ metadata: { finalizers: null } });
    for (const name of names) await tools.kubectl(['patch', name, '--type', 'merge', '--patch', patch]);
  }
}
