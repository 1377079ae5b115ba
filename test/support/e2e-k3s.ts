import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { E2eCluster } from './e2e-cluster.ts';
import { buildTagged, findImage, hasDocker } from './e2e-image.ts';
import { runTool } from './e2e-tool.ts';

const K3S_IMAGE = 'rancher/k3s:v1.35.0-k3s1';
const POSTGRES_IMAGE = 'postgres:18';

/** k3s of any image that a Docker engine has or can pull; it ends with the suite. */
export async function openK3s(env: NodeJS.ProcessEnv): Promise<E2eCluster | string> {
  if (!(await hasDocker())) return 'no Docker engine answers';
  const k3s = env['MALLSYNC_E2E_K3S_IMAGE'] ?? K3S_IMAGE;
  if (!(await canHave(k3s))) return `the Docker engine cannot pull ${k3s}`;
  const postgresImage = env['MALLSYNC_E2E_POSTGRES_IMAGE'] ?? POSTGRES_IMAGE;
  if (!(await canHave(postgresImage))) return `the Docker engine cannot pull ${postgresImage}`;
  const image = env['MALLSYNC_E2E_IMAGE'] ?? (await buildTagged());
  // loaded only here: it takes a second, and the other sources do without it
  const { K3sContainer } = await import('@testcontainers/k3s');
  const container = await new K3sContainer(k3s).withCommand(['server', '--disable=traefik,metrics-server']).start();
  const dir = await mkdtemp(join(tmpdir(), 'mallsync-e2e-k3s-'));
  const stop = async (): Promise<void> => {
    await container.stop();
    await rm(dir, { recursive: true });
  };
  try {
    const [kubeconfig, archive] = [join(dir, 'kubeconfig'), join(dir, 'images.tar')];
    await writeFile(kubeconfig, container.getKubeConfig(), { mode: 0o600 });
    await runTool('docker', ['save', '--output', archive, image, postgresImage]);
    await runTool('docker', ['cp', archive, `${container.getId()}:/images.tar`]);
    await runTool('docker', [
      'exec',
      container.getId(),
      'ctr',
      '--namespace',
      'k8s.io',
      'images',
      'import',
      '/images.tar',
    ]);
    return { kubeconfig, image, postgresImage, lab: null, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function canHave(image: string): Promise<boolean> {
  if ((await findImage(image)) !== null) return true;
  return await runTool('docker', ['pull', image]).then(
    () => true,
    () => false,
  );
}
