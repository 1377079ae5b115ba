import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { K3sContainer } from '@testcontainers/k3s';
import type { ApiServer } from './api-server.ts';

/** The tests play these themselves. */
const WITHOUT = ['job', 'cronjob', 'ttl-after-finished', 'garbage-collector'];

/** k3s of any image that a Docker engine has or can pull, without the controllers that the tests play. */
export async function startContainerApiServer(image: string): Promise<ApiServer> {
  const controllers = ['*', ...WITHOUT.map((name) => `-${name}-controller`)].join(',');
  const container = await new K3sContainer(image)
    .withCommand([
      'server',
      '--disable=traefik,metrics-server',
      `--kube-controller-manager-arg=controllers=${controllers}`,
    ])
    .start();
  const dir = await mkdtemp(join(tmpdir(), 'mallsync-k3s-'));
  const kubeconfig = join(dir, 'kubeconfig');
  await writeFile(kubeconfig, container.getKubeConfig(), { mode: 0o600 });
  return {
    kubeconfig,
    auditLog: null,
    listPids: async () => [],
    stop: async () => {
      await container.stop();
      await rm(dir, { recursive: true });
    },
  };
}
