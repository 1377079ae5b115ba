import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from './api-server-door.ts';
import { CHART, openHelm, type Helm } from './helm.ts';

export function openTestHelm(environment: Record<string, string> = {}): Helm {
  const tools = inject('chartTools');
  if (tools === null) throw new Error('there is no helm');
  return openHelm(tools.helm, environment);
}

/** The value sets of the chart's ci folder. */
export const VALUE_SETS = readdirSync(join(CHART, 'ci'))
  .map((file) => file.replace('-values.yaml', ''))
  .sort();

export function toSetFile(name: string): string {
  return join(CHART, 'ci', `${name}-values.yaml`);
}

export interface RenderOptions {
  readonly namespace?: string;
  readonly release?: string;
  readonly chart?: string;
  /** `path=value`, as --set-json takes it. */
  readonly json?: readonly string[];
}

const rendered = new Map<string, Promise<readonly KubeObject[]>>();

/** The objects of a value set, hooks and tests included; each is rendered once and belongs to all who ask. */
export function renderSet(helm: Helm, name: string, options: RenderOptions = {}): Promise<readonly KubeObject[]> {
  const key = JSON.stringify([name, options]);
  const objects = rendered.get(key) ?? render(helm, name, options);
  rendered.set(key, objects);
  return objects;
}

async function render(
  helm: Helm,
  name: string,
  { json = [], ...options }: RenderOptions,
): Promise<readonly KubeObject[]> {
  const args = ['--values', toSetFile(name), ...json.flatMap((one) => ['--set-json', one])];
  return parseObjects(await helm.template({ ...options, args }));
}

export function parseObjects(text: string): readonly KubeObject[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS())
    .filter((object) => object !== null);
}

/** An object as tests name it: `CronJob mallsync-nightly`. */
export function toTitle({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.name}`;
}

/** The pods that an object makes, or is. */
export function listPods(objects: readonly KubeObject[]): readonly KubeObject[] {
  return objects.flatMap((object) => {
    const template = object.kind === 'Pod' ? object : (object.spec?.jobTemplate?.spec ?? object.spec)?.template;
    if (template === undefined) return [];
    const { labels, annotations } = template.metadata;
    const metadata = { name: `${object.metadata.name}-pod`, labels, annotations };
    const claims = (object.spec.volumeClaimTemplates ?? []).map((claim: KubeObject) => ({
      name: claim.metadata.name,
      persistentVolumeClaim: { claimName: `${claim.metadata.name}-0` },
    }));
    const spec = { ...template.spec, volumes: [...template.spec.volumes, ...claims] };
    return [{ apiVersion: 'v1', kind: 'Pod', title: toTitle(object), metadata, spec }];
  });
}

export function listContainers(pod: KubeObject): readonly KubeObject[] {
  return [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
}
