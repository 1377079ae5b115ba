import { describe, expect, test } from 'vitest';
import { findApiServer, NoApiServerError } from './api-server-search.ts';
import { listSources, type ApiServerSource } from './api-server-source.ts';
import type { ApiServer } from './api-server.ts';

const server = (kubeconfig: string): ApiServer => ({
  kubeconfig,
  auditLog: null,
  listPids: async () => [],
  stop: () => Promise.resolve(),
});
const source = (name: string, open: ApiServerSource['open']): ApiServerSource => ({ name, open });

describe('the search for an API server', () => {
  test('takes the first place that has one, past those that have none or fail', async () => {
    const sources = [
      source('empty', async () => null),
      source('broken', () => Promise.reject(new Error('no such port'))),
      source('good', async () => server('good')),
      source('better', () => Promise.reject(new Error('never asked'))),
    ];
    expect(await findApiServer(sources)).toMatchObject({ kubeconfig: 'good' });
  });

  test('without any says what was tried and how to get one', async () => {
    const found = findApiServer([
      source('empty', async () => null),
      source('broken', () => Promise.reject(new Error('no such port'))),
    ]);
    await expect(found).rejects.toThrow(NoApiServerError);
    await expect(found).rejects.toThrow(/KUBEBUILDER_ASSETS=[^]*empty: none\n {2}broken: no such port/);
  });

  test('has a fixed order', () => {
    expect(listSources({ XDG_CACHE_HOME: '/cache' }).map(({ name }) => name)).toEqual([
      'KUBEBUILDER_ASSETS',
      'the cache folder /cache/mallsync/envtest/1.35.4',
      'MALLSYNC_TEST_KUBECONFIG',
      '../shared/lab',
      'download of envtest',
      'building with go',
      'Docker with k3s',
    ]);
  });

  test('does not pass silently over a folder that was named and has no programs', async () => {
    const [assets] = listSources({ KUBEBUILDER_ASSETS: '/nowhere' });
    await expect(assets?.open()).rejects.toThrow('/nowhere lacks one of etcd, kube-apiserver, kubectl');
  });
});
