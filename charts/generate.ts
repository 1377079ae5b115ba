import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { renderCrd } from '../src/commands/crd-command.ts';
import type { Helm } from '../test/support/helm.ts';
import { findHelm, listHelmSources } from '../test/support/helm-search.ts';
import { openHelm } from '../test/support/helm.ts';
import { renderRules, renderRunbookTable } from './monitoring/alerts/render-rules.ts';
import { renderDashboards } from './monitoring/dashboards/render-dashboards.ts';
import { renderDeploy } from './render-deploy.ts';
import { renderSchema, renderTable, renderValues } from './values/render-values.ts';

const ROOT = new URL('..', import.meta.url);
const README = 'charts/mallsync/README.md';
const RUNBOOKS = 'docs/runbooks/README.md';

async function read(path: string): Promise<string> {
  return await readFile(fileURLToPath(new URL(path, ROOT)), 'utf8');
}

/** Puts the table between its marks. */
function fillIn(text: string, mark: string, table: string): string {
  const place = new RegExp(`(<!-- ${mark} -->\\n)[^]*(\\n<!-- /${mark} -->)`);
  return text.replace(place, (_, begin: string, end: string) => begin + table + end);
}

/** Files that the chart itself is made of, and the list of its alerts, by their path in the repository. */
export async function renderChartFiles(): Promise<ReadonlyMap<string, string>> {
  const crd = renderCrd();
  return new Map([
    ['charts/mallsync/values.yaml', renderValues()],
    ['charts/mallsync/values.schema.json', renderSchema()],
    ['charts/mallsync/files/crd.yaml', crd],
    ['deploy/crds/mallsync.io_mallsyncs.yaml', crd],
    ...renderDashboards(),
    ...renderRules(),
    [README, fillIn(await read(README), 'values', renderTable())],
    [RUNBOOKS, fillIn(await read(RUNBOOKS), 'alerts', renderRunbookTable())],
  ]);
}

/** Files that are rendered from the chart as it stands on disk. */
export async function renderDeployFiles(helm: Helm): Promise<ReadonlyMap<string, string>> {
  return new Map([...(await renderDeploy(helm))].map(([file, text]) => [`deploy/${file}`, text]));
}

async function write(files: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, text] of files) await writeFile(fileURLToPath(new URL(path, ROOT)), text);
}

if (import.meta.main) {
  await write(await renderChartFiles());
  await write(await renderDeployFiles(openHelm(await findHelm(listHelmSources(process.env)))));
}
