import { describe, expect, test } from 'vitest';
import { findCluster, NoClusterError, type E2eCluster, type E2eSource } from './e2e-cluster.ts';
import { openGiven } from './e2e-given.ts';
import { openLab } from './e2e-lab.ts';

const CLUSTER: E2eCluster = {
  kubeconfig: '/kubeconfig',
  image: 'mallsync:dev',
  postgresImage: 'postgres:18',
  lab: null,
  stop: () => Promise.resolve(),
};

function createSource(name: string, answer: E2eCluster | string | Error): E2eSource {
  return { name, open: () => (answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)) };
}

describe('the search for a cluster', () => {
  test('passes over the places that have none', async () => {
    const sources = [createSource('first', 'none'), createSource('second', CLUSTER)];
    await expect(findCluster(sources)).resolves.toBe(CLUSTER);
  });

  test('ends at a place that should have one and fails', async () => {
    const sources = [createSource('first', new Error('the image does not build')), createSource('second', CLUSTER)];
    await expect(findCluster(sources)).rejects.toThrow('the image does not build');
  });

  test('says what to set or install, and why each place has none', async () => {
    const error = await findCluster([createSource('k3s in Docker', 'no engine')]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NoClusterError);
    expect(String(error)).toContain('MALLSYNC_E2E_KUBECONFIG');
    expect(String(error)).toContain('MALLSYNC_LAB');
    expect(String(error)).toContain('  k3s in Docker: no engine');
  });
});

describe('a cluster that is named', () => {
  const env = { MALLSYNC_E2E_KUBECONFIG: '/kubeconfig', MALLSYNC_E2E_IMAGE: 'registry.example/mallsync:1' };

  test('is used with the images that are named with it', async () => {
    const cluster = await openGiven({ ...env, MALLSYNC_E2E_POSTGRES_IMAGE: 'postgres:17' });
    expect(cluster).toMatchObject({ kubeconfig: '/kubeconfig', image: env.MALLSYNC_E2E_IMAGE, lab: null });
  });

  test('is refused without its images, which nothing can load into it', async () => {
    await expect(openGiven(env)).rejects.toThrow('MALLSYNC_E2E_POSTGRES_IMAGE');
  });
});

test('a lab that is not there says where it was looked for', async () => {
  await expect(openLab({ MALLSYNC_LAB: '/nowhere' })).resolves.toBe('there is no /nowhere/up');
});
