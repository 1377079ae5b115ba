import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTool } from './e2e-tool.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Of no use to a build, and large. */
const LEFT_OUT = new Set(
  ['node_modules', '.git', '.mallsync', 'coverage', 'test/bench'].map((path) => join(ROOT, path)),
);

/** A copy of the tree that may be changed; what the machine needs to reach its npm registry is beside it. */
export async function copyBuildContext(): Promise<string> {
  const context = await mkdtemp(join(tmpdir(), 'mallsync-image-'));
  await cp(ROOT, context, { recursive: true, filter: (path) => !LEFT_OUT.has(path) });
  const authorities = process.env['NODE_EXTRA_CA_CERTS'];
  if (authorities !== undefined) await cp(authorities, join(context, '.npm-build', 'ca.pem'), { force: false });
  return context;
}

/** Builds the tree's image, or that of another folder, and gives the image's id. */
export async function buildImage(tag: string, context?: string): Promise<string> {
  const folder = context ?? (await copyBuildContext());
  try {
    const registry = (await runTool('npm', ['config', 'get', 'registry'], { cwd: folder })).trim();
    const base = process.env['MALLSYNC_E2E_NODE_IMAGE'];
    const argument = (name: string, value: string): readonly string[] => ['--build-arg', `${name}=${value}`];
    const options = [
      ...argument('NPM_CONFIG_REGISTRY', registry),
      ...(base === undefined ? [] : argument('NODE_IMAGE', base)),
    ];
    // npm sees the network as this machine does
    await runTool('docker', ['build', '--network', 'host', '--tag', tag, ...options, folder]);
    return await readImageId(tag);
  } finally {
    if (context === undefined) await rm(folder, { recursive: true });
  }
}

/** Builds the tree's image under a name that no other content ever has, since nodes keep what they have by name. */
export async function buildTagged(): Promise<string> {
  const id = await buildImage('mallsync:e2e');
  const tag = `mallsync:e2e-${id.replace('sha256:', '').slice(0, 12)}`;
  await runTool('docker', ['tag', id, tag]);
  return tag;
}

/** Null where the engine has no such image. */
export async function findImage(tag: string): Promise<string | null> {
  return await readImageId(tag).catch(() => null);
}

export async function hasDocker(): Promise<boolean> {
  return await runTool('docker', ['version']).then(
    () => true,
    () => false,
  );
}

async function readImageId(tag: string): Promise<string> {
  return (await runTool('docker', ['image', 'inspect', '--format', '{{.Id}}', tag])).trim();
}
