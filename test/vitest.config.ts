import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { listLeftOutWithoutBrowser } from './support/chromium.ts';
import { LastOneLastSequencer } from './support/e2e-sequencer.ts';
import { listLeftOutWithoutPrometheus } from './support/prometheus.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const globalSetup = fileURLToPath(new URL('./support/global-setup.ts', import.meta.url));
const apiServerSetup = fileURLToPath(new URL('./support/api-server-setup.ts', import.meta.url));
const e2eSetup = fileURLToPath(new URL('./support/e2e-setup.ts', import.meta.url));
const chartToolsSetup = fileURLToPath(new URL('./support/chart-tools-setup.ts', import.meta.url));
const clusterRunner = fileURLToPath(new URL('./support/cluster-runner.ts', import.meta.url));

/** What `npm test` leaves out, and `npm run test:monitoring`, `test:faults` and `test:long` run. */
const LONG = '**/*.long.test.ts';

/** As part of `include`: a project's own `exclude` would undo the `--exclude` of `npm test`. */
function toRefusals(patterns: readonly string[]): readonly string[] {
  return patterns.map((pattern) => `!${pattern}`);
}

export default defineConfig({
  test: {
    root,
    // most tests wait for processes and servers, not for a core
    maxWorkers: 3,
    sequence: { sequencer: LastOneLastSequencer },
    projects: [
      {
        test: {
          name: 'unit',
          root,
          include: ['{src,test/architecture,test/bench,test/support}/**/*.test.ts'],
          // properties of hundreds of cases, beside servers and processes on the same cores
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'integration',
          root,
          include: ['test/{integration,faults}/**/*.test.ts'],
          exclude: [LONG],
          globalSetup,
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'cluster',
          root,
          include: ['test/cluster/**/*.test.ts'],
          globalSetup: [globalSetup, apiServerSetup, chartToolsSetup],
          runner: clusterRunner,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'page',
          root,
          include: ['test/page/**/*.test.ts', ...toRefusals(listLeftOutWithoutBrowser())],
          globalSetup,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'monitoring',
          root,
          include: ['test/monitoring/**/*.test.ts', ...toRefusals(listLeftOutWithoutPrometheus())],
          globalSetup: [globalSetup, apiServerSetup],
          runner: clusterRunner,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'faults',
          root,
          include: ['test/faults/**/*.long.test.ts'],
          globalSetup,
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          root,
          include: ['test/e2e/**/*.e2e.test.ts'],
          globalSetup: e2eSetup,
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
