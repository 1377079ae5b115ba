import { beforeAll, expect, it } from 'vitest';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import type { AdminApp } from '../../../src/admin/env.ts';
import { createControllerMetrics } from '../../../src/adapters/telemetry/controller-metrics.ts';
import { createPageMetrics } from '../../../src/adapters/telemetry/page-metrics.ts';
import { createServeMetrics } from '../../../src/adapters/telemetry/serve-metrics.ts';
import { LOOPS } from '../../../src/commands/controller/term.ts';
import { loadFleetState } from '../../../src/commands/fleet-state.ts';
import { systemClock } from '../../../src/domain/clock.ts';
import { createTestDatabase } from '../../support/database.ts';
import { toFamily } from '../../support/metrics-text.ts';
import { listRoutes } from '../../support/page-routes.ts';
import { startPageWorld } from '../../support/page-world.ts';
import { FLEET_SETTINGS } from './fleet-series.ts';

const testDatabase = await createTestDatabase();
let database: Database;
let app: AdminApp;

/** Each of 1,000 malls was read a month ago, in all domain types, and lacks all that came since; totals of all kinds. */
const FILL = [
  `insert into mallsync.tb_mall_config (mall_id, cafe24_mall_id, name, created_at)
   select n, 'shop-' || n, 'Mall ' || n, now() - interval '90 days' from generate_series(1, 1000) n`,
  `insert into mallsync.tb_coverage (mall_id, domain_type, covered)
   select mall_id, domain_type, tstzmultirange(tstzrange(now() - interval '90 days', now() - interval '30 days'))
   from mallsync.tb_mall_config cross join unnest(domain_types) domain_type`,
  `insert into mallsync.tb_mall_credential (mall_id, client_id, client_secret, key_id, refresh_expires_at)
   select mall_id, 'client', 'sealed'::bytea, 'test', now() + interval '10 days' from mallsync.tb_mall_config`,
  `insert into mallsync.tb_metric_total (name, labels, shard, value)
   select 'api_requests_total', jsonb_build_object('endpoint', endpoint, 'code', code), shard, 1
   from unnest('{customersprivacy,customersprivacy/count,orders,orders/count,shops,financials/hourlysales,oauth/token}'::text[]) endpoint
   cross join unnest('{200,400,401,403,404,409,422,429,500,502,503,504}'::text[]) code cross join generate_series(0, 15) shard`,
];

const CODES = ['200', '201', '400', '403', '404', '409', '422', '429', '500', '<error>'];
const VERBS = { get: 'GET', list: 'GET', watch: 'GET', create: 'POST', patch: 'PATCH', delete: 'DELETE' };
const RESOURCES = ['mallsyncs', 'jobs', 'pods'];

beforeAll(async () => {
  for (const statement of FILL) await testDatabase.query(statement);
  const world = await startPageWorld({ database: testDatabase });
  app = world.server.app;
  database = world.database;
});

const describeProcess = <Name extends string>(process: Name) => ({
  version: '1.2.3',
  process,
  clock: systemClock,
  askDatabase: () => Promise.resolve(),
});

/** A leader to which everything has happened. */
async function renderLeader(mallMetrics: boolean): Promise<string> {
  const options = { controllers: LOOPS, leaseName: 'mallsync-controller', process: describeProcess('controller') };
  const metrics = createControllerMetrics(options);
  for (const [verb, method] of Object.entries(VERBS)) {
    for (const code of CODES) metrics.api.onRequest({ verb, method, host: 'kubernetes.default.svc', code, seconds: 1 });
  }
  for (const purpose of ['calls', 'watches', 'lease']) metrics.api.onConnectionOpened(purpose);
  const cache = { hasSynced: true, objects: 1, lists: 1, unreadable: 1, silentMs: 1 };
  const watchEnds = { closed: 1, gone: 1, silent: 1, failed: 1, unreadable: 1, cut: 1 };
  metrics.trackCaches(() => RESOURCES.map((resource) => ({ ...cache, resource, watchEnds })));
  const load = () => loadFleetState(database, { ...FLEET_SETTINGS, mallMetrics }, Date.now());
  return (await metrics.render(load)).text;
}

/** `serve` with a page on which every route was asked for and answered in a few ways. */
async function renderServe(mallMetrics: boolean): Promise<string> {
  const page = createPageMetrics(null);
  for (const { path, method } of listRoutes(app)) {
    for (const status of [200, 303, 403, 404])
      page.onRequest({ route: path, method, status, kind: 'page', seconds: 1 });
  }
  const load = () => loadFleetState(database, { ...FLEET_SETTINGS, mallMetrics }, Date.now());
  return (await createServeMetrics(describeProcess('serve')).render(load, page)).text;
}

function listSeries(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => line.slice(0, line.lastIndexOf(' ')));
}

const PROCESSES = [
  ['leader', renderLeader],
  ['serve', renderServe],
] as const;

it.each(PROCESSES)('the %s stays below 5,000 series with 1,000 malls that all lack days', async (_, render) => {
  const series = listSeries(await render(true));
  const ofMalls = series.filter((each) => each.includes('mall_id='));
  expect(Object.fromEntries([...Map.groupBy(ofMalls, toFamily)].map(([name, each]) => [name, each.length]))).toEqual({
    mallsync_mall_last_complete_period_end_timestamp_seconds: 3_000,
    mallsync_mall_missing_nights: 100,
    mallsync_token_expiry_timestamp_seconds: 1_000,
  });
  console.info(`${series.length} series`);
  expect(series.length).toBeLessThan(5_000);
  expect(new Set(series).size).toBe(series.length);
});

it.each(PROCESSES)('the %s stays below 1,000 series without those of malls', async (_, render) => {
  const text = await render(false);
  expect(text).toMatch(/^mallsync_missing_nights\{domain="ORDER"\} [1-9]/m);
  const series = listSeries(text);
  expect(series.filter((each) => each.includes('mall_id='))).toEqual([]);
  console.info(`${series.length} series`);
  expect(series.length).toBeLessThan(1_000);
});

it.each(PROCESSES)('the %s describes each name once', async (_, render) => {
  const types = (await render(true)).split('\n').filter((line) => line.startsWith('# TYPE'));
  expect(types.length).toBeGreaterThan(60);
  expect(new Set(types).size).toBe(types.length);
});
