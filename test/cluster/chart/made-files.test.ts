import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { renderChartFiles, renderDeployFiles } from '../../../charts/generate.ts';
import { chartValues } from '../../../charts/values/chart-values.ts';
import { listEntries, type ValueEntry } from '../../../charts/values/value-entry.ts';
import { openTestHelm } from '../../support/chart-objects.ts';
import { CHART } from '../../support/helm.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

function readTree(files: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...files.keys()].map((path) => [path, read(path)]));
}

const HOW_TO = 'write them anew with `npm run charts`';

test('values.yaml, its schema, the table of values and the CRD are made from the sources', async () => {
  const files = await renderChartFiles();
  expect(readTree(files), HOW_TO).toEqual(files);
});

test('the plain manifests are rendered from the chart, and kustomization.yaml lists all of them', async () => {
  const files = await renderDeployFiles(openTestHelm());
  expect(readTree(files), HOW_TO).toEqual(files);
  const { resources } = parse(read('deploy/kustomization.yaml'));
  const listed = resources.filter((path: string) => !path.startsWith('crds/'));
  const inTree = readdirSync(join(ROOT, 'deploy')).filter((name) => name.endsWith('.yaml'));
  expect(listed.toSorted()).toEqual(inTree.filter((name) => name !== 'kustomization.yaml').toSorted());
  expect([...files.keys()].map((path) => path.replace('deploy/', '')).toSorted()).toEqual(listed.toSorted());
});

function listPaths(entries: readonly ValueEntry[], path: readonly string[] = []): readonly (readonly string[])[] {
  return entries.flatMap(({ key, entries: below }) =>
    below.length === 0 ? [[...path, key]] : listPaths(below, [...path, key]),
  );
}

test('every value is read by a template', () => {
  const names = readdirSync(join(CHART, 'templates'), { recursive: true, encoding: 'utf8' });
  const templates = names
    .filter((name) => /\.(yaml|tpl|txt)$/.test(name))
    .map((name) => readFileSync(join(CHART, 'templates', name), 'utf8'))
    .join('\n');
  const unread = listPaths(listEntries(chartValues)).filter(
    (path) => !new RegExp(`\\.${path.at(-1)}\\b`).test(templates),
  );
  expect(unread).toEqual([['global']]);
});
