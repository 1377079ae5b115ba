import { inject, test, TestRunner } from 'vitest';

type Source = Parameters<TestRunner['importFile']>[1];

const API_SERVER_TESTS = [
  '/test/cluster/',
  '/test/monitoring/night/',
  '/test/monitoring/continuity/',
  '/test/monitoring/logs/cluster.test.ts',
];
const CHART_TESTS = '/test/cluster/chart/';

/** Leaves out whole files, what they do at the top included, where what they need was not found; the setup has said so. */
// oxlint-disable-next-line import/no-default-export -- vitest takes a runner by it
export default class ClusterRunner extends TestRunner {
  override importFile(path: string, source: Source): unknown {
    const lack = source === 'setup' ? null : findLack(path);
    if (lack === null) return super.importFile(path, source);
    // oxlint-disable-next-line vitest/no-disabled-tests -- stands for the file in the report
    return test.skip(`needs ${lack}`, () => {});
  }
}

function findLack(path: string): string | null {
  const needsApiServer = API_SERVER_TESTS.some((folder) => path.includes(folder));
  if (needsApiServer && inject('apiServer').kubeconfig === '') return 'an API server';
  return path.includes(CHART_TESTS) && inject('chartTools') === null ? 'helm and kubectl' : null;
}
