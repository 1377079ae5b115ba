import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { createLogger } from '../../../src/adapters/telemetry/logger.ts';
import { createPageMetrics } from '../../../src/adapters/telemetry/page-metrics.ts';
import { createFleetLoader } from '../../../src/commands/fleet-state.ts';
import { startMetrics } from '../../../src/commands/serve/serve-metrics.ts';
import { systemClock } from '../../../src/domain/clock.ts';
import { createTestDatabase } from '../../support/database.ts';
import { atFileEnd } from '../../support/file-end.ts';
import { readSeries } from '../../support/metrics-text.ts';
import { until } from '../../support/process-signals.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { FLEET_SETTINGS } from './fleet-series.ts';

const testDatabase = await createTestDatabase();
const FAILURES = 'mallsync_fleet_metrics_failures_total';
let way: TcpProxy;
let url: string;
let database: Database;
const logged: string[] = [];
const log = createLogger({ level: 'info', format: 'json', write: (line) => void logged.push(line) });

beforeAll(async () => {
  const target = new URL(testDatabase.url);
  way = await startTcpProxy(target.hostname, Number(target.port));
  target.host = `${way.host}:${way.port}`;
  database = await testDatabase.open({ url: target.href, poolSize: 3 });
  const settings = { ...FLEET_SETTINGS, host: '127.0.0.1' };
  const server = await startMetrics(
    { settings, database, clock: systemClock, log, pageMetrics: createPageMetrics(null) },
    0,
  );
  url = server.url;
  atFileEnd(async () => {
    await server.close();
    await way.close();
  });
});

describe('the metrics of `serve`', () => {
  beforeEach(async () => {
    await until('the database to answer', async () => (await readSeries(url)).get('mallsync_database_up') === 1);
  });

  it('are read once for all that ask at once', async () => {
    const loadFleet = createFleetLoader({ settings: FLEET_SETTINGS, database, log, clock: systemClock });
    const [one, other] = await Promise.all([loadFleet(), loadFleet()]);
    expect(one).toBe(other);
    expect(await loadFleet()).not.toBe(one);
  });

  it('tell of the fleet, the page and the process', async () => {
    const series = await readSeries(url);
    expect(series.get('mallsync_night_malls{state="done"}')).toBe(0);
    expect(series.get('mallsync_page_live_viewers')).toBe(0);
    expect(series.get('process_resident_memory_bytes')).toBeGreaterThan(0);
    expect([...series.keys()].filter((each) => each.startsWith('mallsync_build_info'))).toHaveLength(1);
  });

  it('say that the database is away, with all else of the process, and come back with it', async () => {
    const failures = (await readSeries(url)).get(FAILURES) ?? 0;
    await way.cut();
    const series = await readSeries(url);
    expect(series.get('mallsync_database_up')).toBe(0);
    expect(series.get(FAILURES)).toBe(failures + 1);
    expect(series.get('mallsync_page_live_viewers')).toBe(0);
    expect(series.has('mallsync_jobs_active')).toBe(false);
    expect(logged.join('')).toContain('the fleet’s series are left out');
    await way.mend();
    await until('the fleet to be told again', async () => (await readSeries(url)).has('mallsync_jobs_active'));
  });

  it('do not wait for a database that says nothing any more', async () => {
    way.swallow();
    const series = await readSeries(url);
    expect(series.get('mallsync_database_up')).toBe(0);
    expect(series.has('mallsync_jobs_active')).toBe(false);
    expect(series.get('process_resident_memory_bytes')).toBeGreaterThan(0);
  });
});
