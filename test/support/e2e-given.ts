import type { E2eCluster } from './e2e-cluster.ts';

/** The cluster of MALLSYNC_E2E_KUBECONFIG. Nothing can be loaded into it: it must know the images. */
export async function openGiven(env: NodeJS.ProcessEnv): Promise<E2eCluster | string> {
  const kubeconfig = env['MALLSYNC_E2E_KUBECONFIG'];
  if (kubeconfig === undefined) return 'MALLSYNC_E2E_KUBECONFIG is not set';
  const [image, postgresImage] = [env['MALLSYNC_E2E_IMAGE'], env['MALLSYNC_E2E_POSTGRES_IMAGE']];
  if (image === undefined || postgresImage === undefined) {
    throw new Error(
      'MALLSYNC_E2E_KUBECONFIG needs MALLSYNC_E2E_IMAGE and MALLSYNC_E2E_POSTGRES_IMAGE too: images that its nodes have or can pull',
    );
  }
  return { kubeconfig, image, postgresImage, lab: null, stop: () => Promise.resolve() };
}
