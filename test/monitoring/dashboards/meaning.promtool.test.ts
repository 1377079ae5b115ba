import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { DEFAULT_VARIABLES, fillVariables, listPanelQueries } from '../../support/dashboard-queries.ts';
import { runPromtool } from '../../support/prometheus.ts';

const folder = await mkdtemp(join(tmpdir(), 'mallsync-meaning-'));
afterAll(() => rm(folder, { recursive: true }));

interface Meaning {
  readonly dashboard: string;
  readonly panel: string;
  readonly refId?: string;
  /** Series by their text, with values in promtool's notation. */
  readonly series: Readonly<Record<string, string>>;
  readonly every: string;
  readonly at: string;
  /** What is shown, by its labels. */
  readonly shown: Readonly<Record<string, number>>;
  readonly rangeMs?: number;
}

const A = 'namespace="ms", job="controller", instance="10.0.0.1:9464", pod="a"';
const B = 'namespace="ms", job="controller", instance="10.0.0.2:9464", pod="b"';
const OTHER = 'namespace="ms", job="web", instance="10.0.0.9:3000", pod="web"';
const CONTROLLERS = {
  [`mallsync_build_info{${A}, version="1", process="controller"}`]: '1x200',
  [`mallsync_build_info{${B}, version="1", process="controller"}`]: '1x200',
};
const HOUR_MS = 3_600_000;

const PASSED = 'as expected';

/** Runs the panel's own query over the series: promtool's words where it shows something else. */
async function judge({
  dashboard,
  panel,
  refId = 'A',
  series,
  every,
  at,
  shown,
  rangeMs = HOUR_MS,
}: Meaning): Promise<string> {
  const query = listPanelQueries().find(
    (each) => each.dashboard === `mallsync-${dashboard}` && each.panel === panel && each.refId === refId,
  );
  const expr = fillVariables(query?.expr ?? '', {
    fromMs: 0,
    toMs: rangeMs,
    stepSeconds: 300,
    variables: { ...DEFAULT_VARIABLES, namespace: 'ms', mall: '7' },
  });
  const file = join(folder, `${dashboard}.yaml`);
  const text = stringify({
    rule_files: [],
    evaluation_interval: every,
    tests: [
      {
        interval: every,
        input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
        promql_expr_test: [
          {
            expr,
            eval_time: at,
            exp_samples: Object.entries(shown).map(([labels, value]) => ({ labels, value })),
          },
        ],
      },
    ],
  });
  await writeFile(file, text);
  const { exitCode, output } = await runPromtool(['test', 'rules', file]);
  return exitCode === 0 && output.includes('SUCCESS') ? PASSED : output;
}

test('malls of the night are counted once while two pods tell of them', async () => {
  expect(
    await judge({
      dashboard: 'fleet',
      panel: 'Malls of the night',
      every: '30s',
      at: '5m',
      series: {
        [`mallsync_night_malls{${A}, state="done"}`]: '7x20',
        [`mallsync_night_malls{${B}, state="done"}`]: '8x20',
        [`mallsync_night_malls{${A}, state="failed"}`]: '2x20',
        [`mallsync_night_malls{namespace="other", state="failed"}`]: '90x20',
      },
      shown: { '{state="done"}': 8, '{state="failed"}': 2 },
    }),
  ).toBe(PASSED);
});

test('rows go on where another pod leads: its total is no growth, and what it adds is', async () => {
  // 600 rows each 30 s; after 10 minutes the second pod goes on where the first one ended
  expect(
    await judge({
      dashboard: 'fleet',
      panel: 'Rows per second',
      every: '30s',
      at: '15m',
      series: {
        [`mallsync_rows_total{${A}, domain="MEMBER", outcome="inserted"}`]: '0+600x19 stale',
        [`mallsync_rows_total{${B}, domain="MEMBER", outcome="inserted"}`]: '_x20 12000+600x20',
      },
      shown: { '{outcome="inserted"}': 20 },
    }),
  ).toBe(PASSED);
});

test('malls are in the buckets of their age, as a histogram is', async () => {
  const end = (mall: number, hours: number): readonly [string, string] => [
    `mallsync_mall_last_complete_period_end_timestamp_seconds{${A}, mall_id="${mall}", domain="MEMBER"}`,
    `${(480 - hours) * 3_600}x500`,
  ];
  const below = (hours: number, count: number): readonly [string, number] => [`{le="${hours * 3_600}"}`, count];
  expect(
    await judge({
      dashboard: 'fleet',
      panel: 'Freshness of MEMBER',
      every: '1h',
      at: '480h',
      series: Object.fromEntries([end(1, 9), end(2, 24), end(3, 29), end(4, 50), end(5, 400)]),
      shown: Object.fromEntries([
        below(24, 2),
        below(30, 3),
        below(48, 3),
        below(72, 4),
        below(96, 4),
        below(168, 4),
        below(336, 4),
        ['{le="+Inf"}', 5],
      ]),
    }),
  ).toBe(PASSED);
});

test('malls that miss days come with those that miss most first, each once', async () => {
  const missing = (pod: string, mall: number, reason: string): string =>
    `mallsync_mall_missing_nights{${pod}, mall_id="${mall}", domain="ORDER", reason="${reason}"}`;
  expect(
    await judge({
      dashboard: 'fleet',
      panel: 'Malls that miss days',
      every: '30s',
      at: '5m',
      series: {
        [missing(A, 3, 'AuthFailed')]: '2x20',
        [missing(B, 3, 'AuthFailed')]: '2x20',
        [missing(A, 9, 'NotRead')]: '31x20',
      },
      shown: {
        '{namespace="ms", mall_id="9", domain="ORDER", reason="NotRead"}': 31,
        '{namespace="ms", mall_id="3", domain="ORDER", reason="AuthFailed"}': 2,
      },
    }),
  ).toBe(PASSED);
});

test('runs are counted by reason in each interval, to the unit', async () => {
  expect(
    await judge({
      dashboard: 'fleet',
      panel: 'Runs by reason',
      every: '15s',
      at: '15m',
      series: {
        // one at 7:30 is before the interval of five minutes, three at 12:30 are in it
        [`mallsync_runs_total{${A}, domain="MEMBER", result="FAILED", reason="AuthFailed"}`]: '0x29 1x19 4x40',
        [`mallsync_runs_total{${A}, domain="MEMBER", result="COMPLETED", reason=""}`]: '0+1x90',
      },
      shown: { '{reason="AuthFailed"}': 3 },
    }),
  ).toBe(PASSED);
});

test('runs that ended between two leaders are counted, and none twice', async () => {
  const total = (pod: string): string => `mallsync_runs_total{${pod}, domain="MEMBER", result="FAILED", reason="Lost"}`;
  expect(
    await judge({
      dashboard: 'fleet',
      panel: 'Runs by reason',
      every: '15s',
      at: '12m',
      // the first pod is gone at 9:00 with a total of 3, the second one comes at 11:00 with 5
      series: { [total(A)]: '3x35 stale', [total(B)]: '_x44 5x20' },
      shown: { '{reason="Lost"}': 2 },
    }),
  ).toBe(PASSED);
});

test('the leader is named, and each of its terms is a change', async () => {
  const series = {
    ...CONTROLLERS,
    [`leader_election_master_status{${A}, name="mallsync-controller"}`]: '1x30 0x100',
    [`leader_election_master_status{${B}, name="mallsync-controller"}`]: '0x30 1x100',
    [`leader_election_master_status{${OTHER}, name="mallsync-controller"}`]: '1x130',
    [`mallsync_leader_epoch{${A}}`]: '4x30 0x100',
    [`mallsync_leader_epoch{${B}}`]: '0x30 5x50 6x50',
  };
  const common = { dashboard: 'controller', every: '30s', at: '60m', series } as const;
  expect(
    await judge({
      ...common,
      panel: 'Leading pod',
      shown: { [`leader_election_master_status{${B}, name="mallsync-controller"}`]: 1 },
    }),
  ).toBe(PASSED);
  expect(await judge({ ...common, panel: 'Leaders', shown: { '{}': 1 } })).toBe(PASSED);
  expect(await judge({ ...common, panel: 'Changes of leader', shown: { '{}': 2 } })).toBe(PASSED);
});

test('only mallsync’s own processes are shown, by what they are', async () => {
  expect(
    await judge({
      dashboard: 'controller',
      panel: 'Memory',
      every: '30s',
      at: '5m',
      series: {
        ...CONTROLLERS,
        [`process_resident_memory_bytes{${A}}`]: '100x20',
        [`process_resident_memory_bytes{${OTHER}}`]: '900x20',
      },
      shown: { [`{${A}, process="controller"}`]: 100 },
    }),
  ).toBe(PASSED);
});

test('outside Kubernetes, without a namespace, processes are joined all the same', async () => {
  const query = listPanelQueries().find(({ panel }) => panel === 'Memory');
  expect(fillVariables(query?.expr ?? '', { fromMs: 0, toMs: 1, stepSeconds: 60, variables: DEFAULT_VARIABLES })).toBe(
    'process_resident_memory_bytes{namespace=~".*"} * on (namespace, job, instance) group_left (process) mallsync_build_info',
  );
});

test('of a mall it is told how long its consent lasts', async () => {
  expect(
    await judge({
      dashboard: 'mall',
      panel: 'Consent left',
      every: '1h',
      at: '48h',
      series: {
        [`mallsync_token_expiry_timestamp_seconds{${A}, mall_id="7"}`]: `${96 * 3_600}x50`,
        [`mallsync_token_expiry_timestamp_seconds{${A}, mall_id="8"}`]: '1x50',
      },
      shown: { '{}': 48 * 3_600 },
    }),
  ).toBe(PASSED);
});
