import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterTools } from './e2e-kubectl.ts';

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status: { readonly phase?: string };
  }[];
}

const TABLES = {
  'pods.txt': ['get', 'pods', '--output', 'wide'],
  'jobs.txt': ['get', 'jobs', '--output', 'wide'],
  'mallsyncs.txt': ['get', 'mallsyncs', '--output', 'wide'],
  'events.txt': ['get', 'events', '--sort-by', '.metadata.creationTimestamp'],
} as const;
const OBJECTS = {
  'pods.yaml': ['get', 'pods', '--output', 'yaml'],
  'jobs.yaml': ['get', 'jobs,cronjobs', '--output', 'yaml'],
  'mallsyncs.yaml': ['get', 'mallsyncs', '--output', 'yaml'],
} as const;
const EVENT_LINES = 40;
const LOG_LINES = 15;

/** A namespace in a page of text: its pods, Jobs, MallSyncs, last events, and last words of what is not finished well. */
export async function describeNamespace(tools: ClusterTools): Promise<string> {
  const parts: string[] = [];
  for (const [title, args] of Object.entries(TABLES)) {
    const lines = (await say(tools, args)).trimEnd().split('\n');
    parts.push(`--- ${title.replace('.txt', '')}`, ...lines.slice(0, 1), ...lines.slice(1).slice(-EVENT_LINES));
  }
  for (const { metadata, status } of await listPods(tools)) {
    if (status.phase === 'Succeeded') continue;
    const log = await say(tools, ['logs', metadata.name, '--all-containers', '--tail', String(LOG_LINES)]);
    parts.push(`--- log of ${metadata.name}`, log.trimEnd());
  }
  return parts.join('\n');
}

/** Everything of it but its Secrets, as files in `folder`. */
export async function writeDiagnosis(tools: ClusterTools, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [file, args] of Object.entries({ ...TABLES, ...OBJECTS })) {
    await writeFile(join(folder, file), await say(tools, args));
  }
  for (const { metadata } of await listPods(tools)) {
    const args = ['logs', metadata.name, '--all-containers', '--prefix', '--timestamps'];
    await writeFile(join(folder, `${metadata.name}.log`), await say(tools, args));
    const earlier = await tools.kubectl([...args, '--previous']).catch(() => null);
    if (earlier !== null) await writeFile(join(folder, `${metadata.name}.previous.log`), earlier);
  }
}

async function listPods(tools: ClusterTools): Promise<PodList['items']> {
  const list = await tools.kubectlJson<PodList>(['get', 'pods']).catch(() => null);
  return list?.items ?? [];
}

/** What cannot be asked says why: this runs where something is broken already. */
async function say(tools: ClusterTools, args: readonly string[]): Promise<string> {
  return await tools.kubectl(args).catch(String);
}
