import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { chartValues } from '../../../charts/values/chart-values.ts';
import { listEntries, type ValueEntry } from '../../../charts/values/value-entry.ts';
import { openTestHelm, toSetFile } from '../../support/chart-objects.ts';
import { CHART } from '../../support/helm.ts';

const helm = openTestHelm();

/** @returns what helm says against the values, in one line */
async function refuse(set: string, ...json: readonly string[]): Promise<string> {
  const args = ['--values', toSetFile(set), ...json.flatMap((one) => ['--set-json', one])];
  return await helm.template({ args }).then(
    () => 'it was taken',
    (error: Error) => error.message,
  );
}

function listGroups(entries: readonly ValueEntry[], path: readonly string[] = []): readonly string[] {
  return entries
    .filter((entry) => entry.entries.length > 0)
    .flatMap(({ key, entries: below }) => [[...path, key].join('.'), ...listGroups(below, [...path, key])]);
}

const UNKNOWN: readonly (readonly [json: string, where: string, key: string])[] = [
  ['replicas=2', '', 'replicas'],
  ...listGroups(listEntries(chartValues)).map(
    (group) => [`${group}.nonsense=1`, `/${group.replaceAll('.', '/')}`, 'nonsense'] as const,
  ),
  ['controller.resources.request={}', '/controller/resources', 'request'],
  ['controller.tolerations=[{"effects":"NoSchedule"}]', '/controller/tolerations/0', 'effects'],
  ['controller.affinity.podAntiAfinity={}', '/controller/affinity', 'podAntiAfinity'],
  [
    'controller.topologySpreadConstraints=[{"maxSkew":1,"topologyKey":"a","whenUnsatisfiable":"ScheduleAnyway","x":1}]',
    '/controller/topologySpreadConstraints/0',
    'x',
  ],
  ['pods.extraEnv=[{"name":"A","valeu":"b"}]', '/pods/extraEnv/0', 'valeu'],
  ['nightly.lookbackDays.ORDERS=1', '/nightly/lookbackDays', 'ORDERS'],
  ['admin.ingress.hosts=[{"host":"a","name":"a"}]', '/admin/ingress/hosts/0', 'name'],
  ['monitoring.rules.severities.MallsyncNight="info"', '/monitoring/rules/severities', 'MallsyncNight'],
  ['networkPolicy.metricsFrom=[{"ipblock":{}}]', '/networkPolicy/metricsFrom/0', 'ipblock'],
];

test('a key that the chart does not know is refused, in every group of values', async () => {
  const said = await refuse('production', ...UNKNOWN.map(([json]) => json));
  const missing = UNKNOWN.filter(
    ([, where, key]) => !said.includes(`at '${where}': additional properties '${key}' not allowed`),
  );
  expect(missing, said).toEqual([]);
  expect(UNKNOWN.length).toBeGreaterThan(30);
});

const BAD = [
  'controller.jobLimit=0',
  'controller.workers="8"',
  'controller.replicas=6',
  'pii="some"',
  'log.level="loud"',
  'database.schema="Shop"',
  'database.existingSecret="Shop_Data"',
  'cafe24.url="https://cafe24api.com"',
  'cafe24.apiVersion="latest"',
  'image.digest="latest"',
  'image.repository="registry.example/mallsync@sha256"',
  'image.pullSecrets=["registry"]',
  'nightly.schedule="midnight"',
  'nightly.lookbackDays.MEMBER=32',
  'nightly.domains=[]',
  'reread.domains=["GOODS"]',
  'nightly.pageSize=1001',
  'jobs.queueName="a queue"',
  'jobs.resources.requests.cpu="a lot"',
  'migrations.mode="sometimes"',
  'trial.encryptionKeys="trial:short"',
  'fullnameOverride="a-name-that-leaves-no-room-for-the-names-of-parts"',
  'monitoring.serviceMonitor.interval="30"',
  'monitoring.rules.disabled=["MallsyncNight"]',
  'monitoring.rules.severities.MallsyncNoLeader=1',
  'monitoring.rules.runbookUrl="docs"',
];

test('a value that is none is refused', async () => {
  const said = await refuse('production', ...BAD);
  const places = BAD.map((json) => `at '/${json.slice(0, json.indexOf('=')).replaceAll('.', '/')}`);
  expect(
    places.filter((place) => !said.includes(place)),
    said,
  ).toEqual([]);
});

test('a value that the templates cannot be without is not taken away with null', async () => {
  const said = await refuse('production', 'controller.leader=null', 'nightly.timeZone=null', 'image=null');
  expect(said).toContain("at '': missing property 'image'");
  expect(said).toContain("at '/controller': missing property 'leader'");
  expect(said).toContain("at '/nightly': missing property 'timeZone'");
});

const CHECKS = readFileSync(join(CHART, 'templates/_checks.tpl'), 'utf8');
const SENTENCES = [...CHECKS.matchAll(/fail "([^"]+)"/g)].map((match) => match[1] ?? '');

describe('values that contradict each other', () => {
  const seen = new Set<string>();

  test.each([
    ['trial', ['database.existingSecret="mallsync"'], 'trial.enabled brings its own database and keys'],
    ['trial', ['encryption.existingSecret="mallsync"'], 'trial.enabled brings its own database and keys'],
    ['trial', ['database.directUrlKey="uri"'], 'trial.enabled has no pgbouncer'],
    ['trial', ['trial.enabled=false'], 'database.existingSecret must name a Secret'],
    ['production', ['encryption.existingSecret=""'], 'encryption.existingSecret must name a Secret'],
    ['production', ['controller.leader.renewSeconds=6'], 'controller.leader.renewSeconds must be below'],
    ['production', ['controller.leader.retrySeconds=2'], 'controller.leader.retrySeconds must be below half'],
    ['kueue', ['jobs.podTemplate={"containers":[{"name":"sync","image":"other:1"}]}'], 'may not set image or args'],
    ['available', ['controller.podDisruptionBudget.minAvailable=2'], 'no node can be drained'],
    ['page', ['admin.enabled=false'], 'admin.ingress.enabled needs admin.enabled'],
    ['page', ['admin.ingress.hosts=[]'], 'admin.ingress.enabled needs admin.ingress.hosts'],
    ['page', ['admin.publicUrl=""'], 'admin.enabled needs admin.publicUrl'],
    ['page', ['admin.existingSecret=""', 'admin.proxy.addresses=[]'], 'admin.enabled needs admin.existingSecret'],
  ])('%s with %s: %s', async (set, json, sentence) => {
    const said = await refuse(set, ...json);
    expect(said).toContain(sentence);
    for (const one of SENTENCES) if (said.includes(one)) seen.add(one);
  });

  test('are all that the chart speaks of', () => {
    expect(SENTENCES.filter((sentence) => !seen.has(sentence))).toEqual([]);
    expect(SENTENCES.length).toBeGreaterThan(8);
  });
});
