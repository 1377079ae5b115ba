/**
 * One night between a real API server, the real controller, real `sync` processes, PostgreSQL and the simulator, in which
 * malls fail in each way there is, looked at by a real Prometheus from its beginning.
 *
 * Nobody can wait an hour for an alert, so the rules are loaded with their durations (`for`, ranges, offsets) divided by
 * 120: the night's two hours pass in a minute, as the night itself does here. The alternative, blocks of made-up samples
 * of past hours, would leave the true durations and lose the true series, which are what is proven here; that each rule
 * fires and keeps quiet by its true durations is proven by promtool in test/monitoring/rules. Thresholds, expressions and
 * templates are those of the chart's files.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../src/domain/seoul-time.ts';
import { FAILURES } from '../../../src/domain/failure.ts';
import { loadNightPicture } from '../../../src/adapters/postgres/read-models/night-picture.ts';
import {
  DEFAULT_VARIABLES,
  fillVariables,
  listPanelQueries,
  type PanelQuery,
} from '../../support/dashboard-queries.ts';
import { isOver } from '../../support/led-world.ts';
import { until } from '../../support/process-signals.ts';
import type { Alert } from '../../support/prometheus-server.ts';
import { runPromtool } from '../../support/prometheus.ts';
import { EXPIRING_MALL, FAILING_MALLS, mallIdOf, NIGHT_MALLS, REFUSALS, SPOILT_MALL } from './malls.ts';
import { EQUALITIES, readLedger, readMetric } from './metrics-and-ledger.ts';
import { createNightScene } from './night-scene.ts';
import { takePictures } from './pictures.ts';

const scene = await createNightScene();
const { world, prometheus } = scene;
const { database, namespace } = world;

/** Of the night, and of nothing else that went wrong. */
const EXPECTED = [
  'MallsyncApiBudgetExhausted',
  'MallsyncConsentExpiring',
  'MallsyncConsentLost',
  'MallsyncFailureShareHigh',
  'MallsyncMallsStale MEMBER',
  'MallsyncMallsStale ORDER',
  'MallsyncMallsStale SALES',
  'MallsyncNightIncomplete',
  'MallsyncRejectedRowsRising MEMBER',
];

/** Panels of what is under way: there is nothing of it when the night is over. */
const WHILE_RUNNING: readonly string[] = ['mallsync-runs: Runs under way'];
const shownWhileRunning = new Map<string, number>();
/** Of the ledger. */
const DAYS_TO_SHOW = 14;
/** Between them they have all that a mall may have. */
const MALLS_TO_SHOW = [SPOILT_MALL, 'quotaexceededmall'].map((name) => String(mallIdOf(name)));

/** By themselves: the block ends, and what failed leaves the range of what is looked at. */
const PASSING: readonly string[] = ['MallsyncApiBudgetExhausted', 'MallsyncFailureShareHigh'];

const nameOf = ({ name, labels: { domain } }: Pick<Alert, 'name' | 'labels'>): string =>
  domain === undefined ? name : `${name} ${domain}`;

async function listFiring(): Promise<readonly string[]> {
  return (await prometheus.listAlerts())
    .filter(({ state }) => state === 'firing')
    .map(nameOf)
    .toSorted();
}

/** All that ever fired, by Prometheus' own memory. */
async function listEverFired(): Promise<readonly string[]> {
  const fired = await prometheus.query('max_over_time(ALERTS{alertstate="firing"}[1h])');
  return fired.map(({ labels }) => nameOf({ name: labels['alertname'] ?? '', labels })).toSorted();
}

/** Keeps the consent from being renewed, as for a mall that nobody has read for eleven days. */
async function letConsentAge(): Promise<void> {
  await database.query(
    `update mallsync.tb_mall_credential set refresh_expires_at = now() + interval '2 days' where mall_id = $1`,
    [mallIdOf(EXPIRING_MALL)],
  );
}

describe('a night in which malls fail in each way', () => {
  beforeAll(async () => {
    await Promise.all([scene.runNight(), watchRunning()]);
    await letConsentAge();
    await visitPage();
    const isAlarmed = async (): Promise<boolean> => {
      const fired = await listEverFired();
      return EXPECTED.every((name) => fired.includes(name));
    };
    // what is missing then is said by the test of it
    await until('the alerts to fire', isAlarmed, 150_000).catch(() => undefined);
  }, 600_000);

  it('has a mall for each reason that can end an execution', () => {
    const placed = [...FAILING_MALLS.map(({ reason }) => reason), ...REFUSALS];
    expect(new Set(placed)).toEqual(new Set(Object.keys(FAILURES)));
    expect(placed).toHaveLength(Object.keys(FAILURES).length);
  });

  it('ends each of them for its own reason', async () => {
    const rows = await database.query<{ mall: string; reason: string }>(
      `select cafe24_mall_id as mall, failure_reason as reason
       from mallsync.tb_batch_execution_summary join mallsync.tb_mall_config using (mall_id)
       where status not in ('COMPLETED', 'COMPLETED_WITH_REJECTS')`,
    );
    expect(Object.fromEntries(rows.map(({ mall, reason }) => [mall, reason]))).toEqual(
      Object.fromEntries(FAILING_MALLS.map(({ cafe24MallId, reason }) => [cafe24MallId, reason])),
    );
  });

  it('counts a mall of each reason, and none of what was refused before it began', async () => {
    const failed = await readMetric(prometheus, 'mallsync_night_failed_malls');
    expect(Object.values(failed)).toEqual(FAILING_MALLS.map(() => 1));
    const reasons = await readMetric(prometheus, 'sum by (reason) (mallsync_runs_total{result!~"COMPLETED.*"})');
    expect(reasons).toEqual(Object.fromEntries(FAILING_MALLS.map(({ reason }) => [reason ?? '', 1])));
    await world.create('too-early', { endDate: '2999-01-01T00:00:00', mallIds: [1] });
    await until('the open period to be refused', async () => isOver(await world.read('too-early')));
    const refused = await Promise.all(['once-more', 'too-early'].map((name) => world.read(name)));
    expect(refused.map(({ status }) => [status.malls.refused, status.conditions.map(toReason)])).toMatchObject([
      [1, expect.arrayContaining(['DuplicateRefused'])],
      [1, expect.arrayContaining(['PeriodOpen'])],
    ]);
  });

  it('is scraped whole: each target is up and its exposition is as it should be', async () => {
    const targets = await prometheus.listTargets();
    const states = targets.map(({ labels, health, lastError }) => `${labels['job']} is ${health} ${lastError}`);
    expect(new Set(states)).toEqual(new Set(['mallsync-admin is up ', 'mallsync-controller is up ']));
    // no label of a series is in the way of what a ServiceMonitor adds
    expect((await prometheus.listLabels()).filter((name) => name.startsWith('exported_'))).toEqual([]);
    const text = await (await fetch(`${scene.controllerUrl}/metrics`)).text();
    expect(await runPromtool(['check', 'metrics'], text)).toEqual({ exitCode: 0, output: '' });
  });

  it('fires the alerts that are expected and no other', async () => {
    expect(await listEverFired()).toEqual(EXPECTED);
    expect(await listFiring()).toEqual(expect.arrayContaining(EXPECTED.filter((name) => !PASSING.includes(name))));
  });

  it('names malls with their reasons in what an alert says, and counts the rest', async () => {
    const alerts = new Map((await prometheus.listAlerts()).map((alert) => [nameOf(alert), alert.annotations]));
    const summaryOf = (name: string): string => alerts.get(name)?.['summary'] ?? '';
    const named = /mall (\d+) \((\w+)\)/g;
    for (const name of EXPECTED.filter((each) => /NightIncomplete|MallsStale|ConsentLost/.test(each))) {
      const malls = [...summaryOf(name).matchAll(named)];
      expect(malls.length, summaryOf(name)).toBeGreaterThan(0);
      for (const [, mallId, reason] of malls) expect(NIGHT_MALLS[Number(mallId) - 1]?.reason).toBe(reason);
    }
    expect(summaryOf('MallsyncNightIncomplete')).toMatch(
      new RegExp(`^${FAILING_MALLS.length} malls are not complete.* and ${FAILING_MALLS.length - 5} more$`),
    );
    expect(summaryOf('MallsyncConsentExpiring')).toContain(`mall ${mallIdOf(EXPIRING_MALL)} in 1d 23h`);
    for (const [name, { runbook_url: runbook }] of alerts) expect(runbook, name).toMatch(/docs\/runbooks\/\w+\.md$/);
    for (const name of EXPECTED) process.stdout.write(`${name}: ${summaryOf(name)}\n`);
  });

  it.each(EQUALITIES)('says by %s what the ledger says', async (expr, sql) => {
    // whatever changed last has to have been scraped
    await expect.poll(() => readMetric(prometheus, expr), { timeout: 15_000 }).toEqual(await readLedger(database, sql));
  });

  it('says of the night what the page says', async () => {
    const { pool } = await database.open();
    const { malls, byDomain } = await loadNightPicture(pool, { nowMs: Date.now(), deadline: '00:00' });
    expect(malls).toMatchObject({ total: NIGHT_MALLS.length, failed: FAILING_MALLS.length, late: 0 });
    const { done, failed, waiting, running } = malls;
    const shown = Object.entries({ done, failed, waiting, running }).filter(([, count]) => count > 0);
    expect(await readMetric(prometheus, 'sum by (state) (mallsync_night_malls)')).toEqual(Object.fromEntries(shown));
    expect(await readMetric(prometheus, 'sum by (domain) (mallsync_night_runs)')).toEqual(
      Object.fromEntries(byDomain.map(({ domainType, total }) => [domainType, total])),
    );
  });

  describe('on the dashboards', () => {
    const queries = listPanelQueries();

    it('there are queries to evaluate', () => {
      const count = (kind: string): number => queries.filter((query) => query.kind === kind).length;
      process.stdout.write(`${count('prometheus')} PromQL and ${count('postgres')} SQL queries of panels\n`);
      expect(new Set(queries.map(({ dashboard }) => dashboard)).size).toBe(4);
      expect(count('prometheus')).toBeGreaterThan(30);
    });

    it.each(queries.map((query) => [`${query.dashboard}: ${query.panel} ${query.refId}`, query] as const))(
      '%s has something to show',
      async (_, query) => {
        const name = `${query.dashboard}: ${query.panel}`;
        const shown = WHILE_RUNNING.includes(name) ? shownWhileRunning.get(name) : await countShown(query);
        expect(shown, query.expr).toBeGreaterThan(0);
      },
    );
  });

  it('evaluates each rule without an error', async () => {
    const rules = await prometheus.listRules();
    process.stdout.write(`${rules.length} rules\n`);
    expect(rules.length).toBeGreaterThan(0);
    expect(rules.filter(({ health, lastError }) => health !== 'ok' || lastError !== null)).toEqual([]);
  });

  it('has pictures taken where they are asked for', async () => {
    const folder = process.env['METRICS_PICTURES'];
    const taken = folder === undefined ? [] : await takePictures(scene, folder);
    expect(taken).toHaveLength(folder === undefined ? 0 : 8);
  }, 120_000);
});

describe('the same malls, mended and run again', () => {
  beforeAll(async () => {
    await scene.mend();
    const isQuiet = async (): Promise<boolean> => (await listFiring()).length === 0;
    await until('the alerts to end', isQuiet, 240_000).catch(() => undefined);
  }, 600_000);

  it('have all been read', async () => {
    expect(await readMetric(prometheus, 'sum by (state) (mallsync_night_malls)')).toEqual({
      done: NIGHT_MALLS.length - 1,
    });
  });

  it('leave no alert firing, and none has fired that was not expected', async () => {
    expect(await listFiring()).toEqual([]);
    expect(await listEverFired()).toEqual(EXPECTED);
  });

  it.each(EQUALITIES)('are counted once more, and once: %s', async (expr, sql) => {
    await expect.poll(() => readMetric(prometheus, expr), { timeout: 15_000 }).toEqual(await readLedger(database, sql));
  });
});

function toReason({ reason }: { readonly reason: string }): string {
  return reason;
}

/** What a panel's query shows of a mall that lacks nothing that a mall may have: the number of its values, or of rows. */
async function countShown({ kind, expr, isInstant }: PanelQuery): Promise<number> {
  const range = { fromMs: scene.beginsMs, toMs: Date.now(), stepSeconds: 5 };
  const counts = MALLS_TO_SHOW.map(async (mall) => {
    const variables = { ...DEFAULT_VARIABLES, namespace, mall, page: scene.pageUrl, schema: 'mallsync' };
    if (kind === 'postgres') {
      const fromMs = range.toMs - DAYS_TO_SHOW * DAY_MS;
      return (await database.query(fillVariables(expr, { ...range, fromMs, variables }))).length;
    }
    const filled = fillVariables(expr, { ...range, stepSeconds: 60, variables });
    const values = isInstant
      ? (await prometheus.query(filled)).map(({ value }) => value)
      : (await prometheus.queryRange(filled, range)).flatMap((series) => series.values);
    return values.filter((value) => !Number.isNaN(value)).length;
  });
  return Math.max(...(await Promise.all(counts)));
}

/** Resolves when those panels that are empty once the night is over have shown something. */
async function watchRunning(): Promise<void> {
  for (const query of listPanelQueries()) {
    const name = `${query.dashboard}: ${query.panel}`;
    if (!WHILE_RUNNING.includes(name)) continue;
    const count = await until(name, async () => (await countShown(query)) || undefined, 120_000);
    shownWhileRunning.set(name, count);
  }
}

/** As an operator does who looks at the night. */
async function visitPage(): Promise<void> {
  for (const path of ['/', '/runs', '/malls', '/now', '/no-such-page']) {
    await (await fetch(new URL(path, scene.pageUrl))).text();
  }
}
