import { mkdtemp, readFile, realpath, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { inject } from 'vitest';
import { parse, stringify } from 'yaml';
import { ROOT } from './e2e-image.ts';
import { parseImage } from './e2e-install.ts';

const EXAMPLE = join(ROOT, 'docs/kustomize/kustomization.yaml');

interface Kustomization {
  readonly images: readonly { readonly name: string }[];
}

/**
 * The overlay of docs/ in a folder of its own, with another namespace, image and address of Cafe24, as a reader would
 * change it.
 */
export async function writeOverlay(namespace: string, cafe24Url: string): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'mallsync-overlay-')));
  const example = parse(await readFile(EXAMPLE, 'utf8')) as Kustomization;
  const { repository, tag, digest } = parseImage(inject('e2e').image);
  const place = { newName: repository, ...(digest === '' ? { newTag: tag } : { digest }) };
  const env = [{ name: 'MALLSYNC_CAFE24_URL', value: cafe24Url }];
  const container = { name: 'controller', env, resources: { requests: { cpu: '1m' } } };
  const patch = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'mallsync-controller' },
    spec: { template: { spec: { containers: [container] } } },
  };
  const overlay = {
    ...example,
    namespace,
    resources: [relative(folder, join(ROOT, 'deploy'))],
    images: example.images.map(({ name }) => ({ name, ...place })),
    patches: [{ target: { kind: patch.kind, name: patch.metadata.name }, patch: stringify(patch) }],
  };
  await writeFile(join(folder, 'kustomization.yaml'), stringify(overlay));
  return folder;
}
