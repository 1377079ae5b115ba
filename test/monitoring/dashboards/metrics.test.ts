import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { listFleetMetrics } from '../../../src/adapters/telemetry/metric-list.ts';
import { renderMetricsTable } from '../../../src/commands/metrics-table.ts';
import { listPanelQueries, listPanels, readDashboards } from '../../support/dashboard-queries.ts';
import { listMadeLabels, listSelectors, listUsedLabels } from '../../support/prom-expression.ts';

/** What a scrape adds. */
const TARGET_LABELS = ['namespace', 'pod', 'job', 'instance'];

/** By the registries that the processes render; a histogram's parts stand for themselves. */
const METRICS = new Map<string, readonly string[]>(
  (await renderMetricsTable()).split('\n').flatMap((line): (readonly [string, readonly string[]])[] => {
    const [, name = '', type = '', labels = ''] = line.split('|').map((cell) => cell.trim());
    if (!name.startsWith('`')) return [];
    const bare = name.replaceAll('`', '');
    const own = labels
      .replaceAll('`', '')
      .split(', ')
      .filter((label) => label !== '');
    if (type !== 'histogram') return [[bare, own]];
    return [
      [`${bare}_bucket`, [...own, 'le']],
      [`${bare}_sum`, own],
      [`${bare}_count`, own],
    ];
  }),
);
const FLEET = new Set((await listFleetMetrics()).map(({ name }) => name));
const QUERIES = listPanelQueries().filter(({ kind }) => kind === 'prometheus');
const NAMED = QUERIES.map((query) => [`${query.dashboard}: ${query.panel} ${query.refId}`, query] as const);

const toFamily = (metric: string): string => metric.replace(/_(bucket|sum|count)$/, '');

describe.each(NAMED)('%s', (_name, { expr }) => {
  const selectors = listSelectors(expr);
  const known = new Set([...TARGET_LABELS, ...selectors.flatMap(({ metric }) => METRICS.get(metric) ?? [])]);

  it('asks for metrics that some process has, by labels that they have', () => {
    expect(selectors.length).toBeGreaterThan(0);
    for (const { metric, matched } of selectors) {
      const labels = METRICS.get(metric);
      expect(labels, metric).toBeDefined();
      expect(
        matched.filter((label) => ![...TARGET_LABELS, ...(labels ?? [])].includes(label)),
        metric,
      ).toEqual([]);
    }
    expect(listUsedLabels(expr).filter((label) => !known.has(label))).toEqual([]);
  });

  it('takes the chosen namespace', () => {
    // what is joined to a series of the namespace has the same one
    const free = selectors.filter(
      ({ metric, matched }) => !matched.includes('namespace') && metric !== 'mallsync_build_info',
    );
    expect(free).toEqual([]);
  });

  it('counts the fleet once while two pods tell of it', () => {
    for (const { metric, inside, aggregation } of selectors) {
      if (!FLEET.has(metric) && !FLEET.has(toFamily(metric))) continue;
      if (inside === 'rate') continue; // two pods grow one after the other
      const whole = ['namespace', ...(METRICS.get(metric) ?? [])].toSorted();
      expect(aggregation?.operation, metric).toBe('max');
      expect([...(aggregation?.by ?? [])].toSorted(), metric).toEqual(whole);
    }
  });
});

describe('legends', () => {
  it.each(NAMED)('%s', (_name, { expr, dashboard, panel, refId }) => {
    const targets = readDashboards()
      .filter(({ uid }) => uid === dashboard)
      .flatMap(listPanels)
      .filter(({ title }) => title === panel)
      .flatMap(({ targets: all = [] }) => all);
    const { legendFormat = '' } = targets.find((target) => target.refId === refId) as {
      readonly legendFormat?: string;
    };
    const labels = listUsedLabels('', legendFormat);
    const have = [...listMadeLabels(expr), ...listSelectors(expr).flatMap(({ metric }) => METRICS.get(metric) ?? [])];
    expect(labels.filter((label) => ![...TARGET_LABELS, ...have].includes(label))).toEqual([]);
  });
});

it('each metric is in the table of docs/metrics.md', async () => {
  const table = await readFile(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
  const used = new Set(QUERIES.flatMap(({ expr }) => listSelectors(expr)).map(({ metric }) => metric));
  const missing = [...used].filter(
    (name) => !table.includes(`| \`${name}\` |`) && !table.includes(`| \`${toFamily(name)}\` |`),
  );
  expect(used.size).toBeGreaterThan(50);
  expect(missing).toEqual([]);
});
