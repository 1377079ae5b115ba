import { beforeAll, expect, it } from 'vitest';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { createControllerMetrics } from '../../../src/adapters/telemetry/controller-metrics.ts';
import { createPageMetrics } from '../../../src/adapters/telemetry/page-metrics.ts';
import { createServeMetrics } from '../../../src/adapters/telemetry/serve-metrics.ts';
import { LOOPS } from '../../../src/commands/controller/term.ts';
import { loadFleetState } from '../../../src/commands/fleet-state.ts';
import { systemClock } from '../../../src/domain/clock.ts';
import { createTestDatabase } from '../../support/database.ts';
import { runPromtool } from '../../support/prometheus.ts';
import { addBudget, addCoverage, addCredential, addMall, seoulMs } from '../../page/read-models/ledger-rows.ts';
import { FLEET_SETTINGS } from './fleet-series.ts';

const testDatabase = await createTestDatabase();
let database: Database;

beforeAll(async () => {
  await addMall(testDatabase, 1);
  await addCredential(testDatabase, 1, { refresh_expires_at: '2026-03-16' });
  await addCoverage(testDatabase, 1, 'MEMBER', [['2026-02-01', '2026-03-13']]);
  await addBudget(testDatabase, 1, '*');
  await testDatabase.query(
    `insert into mallsync.tb_metric_total (name, labels, value) values ('api_requests_total', '{"endpoint": "orders", "code": "200"}', 7)`,
  );
  database = await testDatabase.open({ poolSize: 2 });
});

const loadFleet = () => loadFleetState(database, FLEET_SETTINGS, seoulMs('2026-03-15T08:00'));

const describeProcess = <Name extends string>(process: Name) => ({
  version: '1.2.3',
  process,
  clock: systemClock,
  askDatabase: () => Promise.resolve(),
});

async function renderLeader(): Promise<string> {
  const process = describeProcess('controller');
  const metrics = createControllerMetrics({ controllers: LOOPS, leaseName: 'mallsync-controller', process });
  metrics.api.onRequest({ verb: 'get', method: 'GET', host: 'kubernetes', code: '<error>', seconds: 1 });
  metrics.api.onConnectionOpened('calls');
  const cache = { resource: 'jobs', hasSynced: true, objects: 1, lists: 1, unreadable: 1, silentMs: 1 };
  metrics.trackCaches(() => [{ ...cache, watchEnds: { closed: 1 } }]);
  return (await metrics.render(loadFleet)).text;
}

async function renderPage(): Promise<string> {
  const page = createPageMetrics(describeProcess('admin'));
  page.onRequest({ route: '/runs/:executionId', method: 'GET', status: 200, kind: 'page', seconds: 1 });
  return (await page.render()).text;
}

const renderServe = async (): Promise<string> =>
  (await createServeMetrics(describeProcess('serve')).render(loadFleet, createPageMetrics(null))).text;

it.each([
  [
    'the controller that leads',
    renderLeader,
    'mallsync_mall_missing_nights{mall_id="1",domain="ORDER",reason="NotRead"}',
  ],
  ['serve', renderServe, 'mallsync_mall_missing_nights{mall_id="1",domain="ORDER",reason="NotRead"}'],
  ['the page', renderPage, 'mallsync_page_requests_total{route="/runs/:executionId",method="GET",code="200"}'],
] as const)('Prometheus accepts what %s tells, and its linter has nothing to say', async (_, render, series) => {
  const text = await render();
  expect(text).toContain(`\n${series} `);
  expect(await runPromtool(['check', 'metrics'], text)).toEqual({ exitCode: 0, output: '' });
});
