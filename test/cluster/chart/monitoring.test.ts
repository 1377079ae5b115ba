import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ALERT_GROUPS } from '../../../charts/monitoring/alerts/alert.ts';
import { ALERTS } from '../../../charts/monitoring/alerts/render-rules.ts';
import type { KubeObject } from '../../support/api-server-door.ts';
import { openTestHelm, renderSet, toTitle, type RenderOptions } from '../../support/chart-objects.ts';
import { CHART } from '../../support/helm.ts';

const helm = openTestHelm();

const folder = mkdtempSync(join(tmpdir(), 'mallsync-chart-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function find(title: string, options: RenderOptions = {}, set = 'available'): Promise<KubeObject> {
  return (await renderSet(helm, set, options)).find((object) => toTitle(object) === title);
}

async function listRules(options: RenderOptions = {}): Promise<readonly KubeObject[]> {
  const objects = await renderSet(helm, 'available', options);
  return objects
    .filter(({ kind }) => kind === 'PrometheusRule')
    .flatMap(({ spec }) => spec.groups.flatMap(({ rules }: KubeObject) => rules));
}

test('the rules are those of the files, but of this release’s namespace alone', async () => {
  const written = ALERT_GROUPS.flatMap(
    (group) => parse(readFileSync(join(CHART, `rules/${group}.yaml`), 'utf8')).groups[0].rules,
  );
  const rendered = await listRules({ namespace: 'shop-data' });
  const inAll = rendered.map((rule) => ({
    ...rule,
    expr: rule.expr.replaceAll('namespace="shop-data"', 'namespace=~".*"'),
  }));
  const byName = (a: KubeObject, b: KubeObject): number => (a.alert < b.alert ? -1 : 1);
  expect(inAll.toSorted(byName)).toEqual(written.toSorted(byName));
  for (const { alert, expr } of rendered) {
    const selectors: readonly string[] = expr.match(/\{[^}]*\}/g);
    expect(
      selectors.filter((one) => !one.includes('namespace="shop-data"')),
      alert,
    ).toEqual([]);
  }
  expect(rendered).toHaveLength(ALERTS.length);
});

test('alerts are left out, weighed otherwise and given their runbooks’ address by values', async () => {
  const rules = await listRules({
    json: [
      'monitoring.rules.disabled=["MallsyncMallsStale"]',
      'monitoring.rules.severities={"MallsyncNightIncomplete":"page"}',
      'monitoring.rules.runbookUrl="https://wiki.example/runbooks/"',
    ],
  });
  const names = ALERTS.map(({ name }) => name).filter((name) => name !== 'MallsyncMallsStale');
  expect(new Set(rules.map(({ alert }) => alert))).toEqual(new Set(names));
  for (const { alert, labels, annotations } of rules) {
    const own = ALERTS.find(({ name }) => name === alert)?.severity;
    expect(labels.severity, alert).toBe(alert === 'MallsyncNightIncomplete' ? 'page' : own);
    expect(annotations.runbook_url).toBe(`https://wiki.example/runbooks/${alert}.md`);
  }
});

test('a file of which every alert is left out makes no object', async () => {
  const ofControllers = ALERTS.filter(({ group }) => group === 'controller').map(({ name }) => name);
  const json = [`monitoring.rules.disabled=${JSON.stringify(ofControllers)}`];
  const objects = await renderSet(helm, 'available', { json });
  const titles = objects.filter(({ kind }) => kind === 'PrometheusRule').map(toTitle);
  expect(titles).toEqual(['PrometheusRule mallsync-fleet']);
});

test('where no controller is wanted none is missed', async () => {
  const json = ['controller.replicas=0', 'controller.podDisruptionBudget.enabled=false'];
  const names = (await listRules({ json })).map(({ alert }) => alert);
  expect(names).toHaveLength(ALERTS.length - 1);
  expect(names).not.toContain('MallsyncControllerAbsent');
});

test('what a rule file and a dashboard hold comes through word for word', async () => {
  const chart = join(folder, 'mallsync');
  cpSync(CHART, chart, { recursive: true });
  const summary = 'mall {{ $labels.mall_id }} is late: {{ $value | humanize }}';
  const rule = { alert: 'NightLate', expr: 'time() > 0', labels: { severity: 'warning' }, annotations: { summary } };
  const dashboard = { title: 'Nights', panels: [{ legend: '{{mall_id}}' }] };
  mkdirSync(join(chart, 'dashboards'), { recursive: true });
  writeFileSync(join(chart, 'rules/nights.yaml'), JSON.stringify({ groups: [{ name: 'nights', rules: [rule] }] }));
  writeFileSync(join(chart, 'dashboards/nights.json'), JSON.stringify(dashboard, null, 2));
  const nights = await find('PrometheusRule mallsync-nights', { chart });
  expect(nights.spec).toEqual({ groups: [{ name: 'nights', rules: [rule] }] });
  expect(nights.metadata.labels).toMatchObject({ release: 'monitoring' });
  const { data, metadata } = await find('ConfigMap mallsync-nights', { chart });
  expect(JSON.parse(data['nights.json'])).toEqual(dashboard);
  expect(metadata.labels).toMatchObject({ grafana_dashboard: '1' });
});

test('the dashboards lead to the page where it is', async () => {
  const json = ['monitoring.dashboards.enabled=true'];
  const { data } = await find('ConfigMap mallsync-fleet', { json }, 'page');
  expect(data['fleet.json']).toContain('https://mallsync.example');
  expect(data['fleet.json']).not.toContain('localhost:8080');
  const written = readFileSync(join(CHART, 'dashboards/fleet.json'), 'utf8');
  expect(JSON.parse(data['fleet.json'].replaceAll('https://mallsync.example', 'http://localhost:8080'))).toEqual(
    JSON.parse(written),
  );
});

test('a chart without dashboards is whole', async () => {
  const chart = join(folder, 'plain');
  cpSync(CHART, chart, { recursive: true });
  rmSync(join(chart, 'dashboards'), { recursive: true, force: true });
  const kinds = (await renderSet(helm, 'available', { chart })).map(({ kind }) => kind);
  expect(kinds).toContain('PrometheusRule');
  expect(kinds).not.toContain('ConfigMap');
});

const WITH_MONITOR: RenderOptions = { json: ['monitoring.serviceMonitor.enabled=true'] };

test('the page’s metrics are read by a Service of their own, and its public one does not lead to them', async () => {
  const objects = await renderSet(helm, 'page', WITH_MONITOR);
  const monitors = objects.filter(({ kind }) => kind === 'ServiceMonitor').map(toTitle);
  expect(monitors.toSorted()).toEqual(['ServiceMonitor mallsync-admin', 'ServiceMonitor mallsync-controller']);
  const { spec } = await find('ServiceMonitor mallsync-admin', WITH_MONITOR, 'page');
  const chosen = objects.filter(
    ({ kind, metadata }) =>
      kind === 'Service' &&
      Object.entries(spec.selector.matchLabels).every(([key, value]) => metadata.labels[key] === value),
  );
  expect(chosen.map(({ metadata, spec: { ports } }) => [metadata.name, ports])).toEqual([
    ['mallsync-admin-metrics', [{ name: 'metrics', port: 9465, targetPort: 'metrics' }]],
  ]);
  const page = await find('Service mallsync-admin', WITH_MONITOR, 'page');
  expect(page.spec.ports.map(({ name }: KubeObject) => name)).toEqual(['http']);
});

test('who may read the controller’s metrics may read the page’s, and need not be let onto the page', async () => {
  const from = [{ namespaceSelector: { matchLabels: { team: 'watch' } } }];
  const { spec } = await find(
    'NetworkPolicy mallsync-admin',
    { json: [`networkPolicy.metricsFrom=${JSON.stringify(from)}`] },
    'page',
  );
  const [page, metrics] = spec.ingress;
  expect(metrics).toEqual({ ports: [{ port: 'metrics' }], from });
  expect(page.ports).toEqual([{ port: 'http' }]);
  expect(page.from).not.toEqual(from);
});

test('page and controller are told the same of what is late', async () => {
  const json = ['admin.nightDeadline="05:30"', 'admin.freshnessTargetHours=26'];
  const readGoals = async (component: string): Promise<unknown> => {
    const { spec } = await find(`Deployment mallsync-${component}`, { json }, 'page');
    const { env } = spec.template.spec.containers[0];
    return env.filter(({ name }: KubeObject) => /NIGHT_DEADLINE|FRESHNESS/.test(name));
  };
  expect(await readGoals('controller')).toEqual([
    { name: 'MALLSYNC_FRESHNESS_TARGET_HOURS', value: '26' },
    { name: 'MALLSYNC_NIGHT_DEADLINE', value: '05:30' },
  ]);
  expect(await readGoals('admin')).toEqual(await readGoals('controller'));
});
