import { beforeAll, expect, it } from 'vitest';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { renderFleetMetrics } from '../../../src/adapters/telemetry/fleet-metrics.ts';
import { loadFleetState } from '../../../src/commands/fleet-state.ts';
import { MORNING_MS, openMillion } from '../../support/million.ts';
import { openStatementCosts } from '../../support/statement-cost.ts';
import { FLEET_SETTINGS } from './fleet-series.ts';

/** Pages of 8 KiB that a scrape may look at; the executions alone have 80,000. */
const MOST_PAGES = 5_000;
const RUNS = 7;

const million = await openMillion();
const measure = await openStatementCosts(million.url);
let database: Database;

beforeAll(async () => {
  database = await million.open();
});

const scrape = async (mallMetrics: boolean): Promise<string> =>
  await renderFleetMetrics(await loadFleetState(database, { ...FLEET_SETTINGS, mallMetrics }, MORNING_MS));

it.each([true, false])('reads no table of the history from end to end, series a mall: %s', async (mallMetrics) => {
  const { pages, scanned, statements, ms } = await measure(() => scrape(mallMetrics));
  console.info(`a scrape: ${statements} statements, ${pages} pages, ${ms.toFixed(0)} ms in the database`);
  expect(scanned).toEqual([]);
  expect(pages).toBeLessThan(MOST_PAGES);
});

it('answers 1,000 malls and 1,000,000 executions', async () => {
  const times: number[] = [];
  let text = '';
  for (let run = 0; run < RUNS; run += 1) {
    const beganAt = performance.now();
    text = await scrape(true);
    times.push(performance.now() - beganAt);
  }
  console.info(`whole scrapes in ms: ${times.map((ms) => ms.toFixed(0)).join(' ')}`);
  expect(text).toContain('\nmallsync_night_malls{state="failed"} ');
  expect(text.match(/^mallsync_mall_last_complete_period_end_timestamp_seconds\{/gm)?.length).toBeGreaterThan(2_000);
});
