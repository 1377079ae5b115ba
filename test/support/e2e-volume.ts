import { chown, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, inject } from 'vitest';
import type { ChartValues } from './e2e-install.ts';
import { openNamespace, saveWhenFailed, type E2eNamespace } from './e2e-namespace.ts';

export interface LastingNamespace {
  readonly namespace: E2eNamespace;
  /** Values with which PostgreSQL's data outlives its pod, and the release. */
  readonly values: ChartValues;
}

/** As the chart's PostgreSQL runs. */
const POSTGRES_UID = 999;
const CLAIM = 'data-mallsync-postgres-0';

/**
 * A namespace for a whole test file whose PostgreSQL keeps its data. Where the cluster makes no volumes, as in the lab, one
 * of the node's folders is taken.
 */
export async function useLastingNamespace(purpose: string): Promise<LastingNamespace> {
  const namespace = await openNamespace(purpose);
  saveWhenFailed(namespace);
  const removeVolume = await createVolume(namespace);
  afterAll(async () => {
    await namespace.close();
    await removeVolume();
  });
  return { namespace, values: { trial: { postgres: { storage: { enabled: true, size: '1Gi' } } } } };
}

async function createVolume(namespace: E2eNamespace): Promise<() => Promise<void>> {
  const { lab } = inject('e2e');
  if (lab === null) return () => Promise.resolve();
  const [name, folder] = [namespace.namespace, join(lab.state, 'volumes', namespace.namespace)];
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chown(folder, POSTGRES_UID, POSTGRES_UID);
  await namespace.apply({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: '',
      hostPath: { path: folder, type: 'Directory' },
      claimRef: { namespace: name, name: CLAIM },
    },
  });
  return async () => {
    await namespace.kubectl(['delete', 'persistentvolume', name, '--timeout=30s']);
    await rm(folder, { recursive: true });
  };
}
