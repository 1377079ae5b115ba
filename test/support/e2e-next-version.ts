import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { E2eLab } from './e2e-cluster.ts';
import { ROOT } from './e2e-image.ts';
import { loadIntoLab } from './e2e-lab.ts';
import { runTool } from './e2e-tool.ts';

export interface NextVersion {
  readonly version: string;
  /** The node has it. */
  readonly image: string;
  /** A folder; gone after `remove`. */
  readonly chart: string;
  /** The migration that it brings. */
  readonly migration: string;
  remove(): Promise<void>;
}

/** The field that the next version's CRD has more than this one's. */
export const NEXT_FIELD = 'note';

const FIELDS_OF_SPEC = ['spec', 'versions', 0, 'schema', 'openAPIV3Schema', 'properties', 'spec', 'properties'];

/**
 * A version after this one, as releases differ: a later number, an additive migration that this version can live with, and
 * an additive field of MallSync. Its image is this one's with that laid over it.
 */
export async function buildNextVersion(image: string, lab: E2eLab): Promise<NextVersion> {
  const folder = await mkdtemp(join(tmpdir(), 'mallsync-next-'));
  const { version: current, ...packageFile } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  const version = current.replace(
    /^\d+\.(\d+)\..*$/,
    (_, minor: string) => `${current.split('.')[0]}.${Number(minor) + 1}.0`,
  );
  const migration = await nameMigration();
  const [context, chart] = [join(folder, 'image'), join(folder, 'mallsync')];
  await cp(join(ROOT, 'charts/mallsync'), chart, { recursive: true });
  await cp(join(ROOT, 'migrations'), join(context, 'migrations'), { recursive: true });
  await writeFile(join(context, 'migrations', migration), toMigration(current));
  await writeFile(join(context, 'package.json'), JSON.stringify({ ...packageFile, version }));
  const [repository, tag = 'latest'] = image.split(':');
  const name = `${repository}:${version}-${tag}`;
  const lines = [
    `FROM ${image}`,
    'USER 0:0',
    'COPY package.json /app/',
    'COPY migrations /app/migrations',
    'USER 10001:10001',
  ];
  await writeFile(join(context, 'Dockerfile'), `${lines.join('\n')}\n`);
  await runTool('docker', ['build', '--tag', name, context]);
  await loadIntoLab(lab, [name]);
  await change(join(chart, 'Chart.yaml'), [
    [['version'], version],
    [['appVersion'], version],
  ]);
  await change(join(chart, 'files/crd.yaml'), [
    [[...FIELDS_OF_SPEC, NEXT_FIELD], { type: 'string', maxLength: 200, description: 'A word on it.' }],
  ]);
  return { version, image: name, chart, migration, remove: () => removeAll(folder, name) };
}

/** The node keeps its copy, as it keeps all that it has run. */
async function removeAll(folder: string, image: string): Promise<void> {
  await rm(folder, { recursive: true });
  await runTool('docker', ['rmi', '--no-prune', image]);
}

/** Additive, so that this version, which does not know of it, goes on with the newer database. */
function toMigration(current: string): string {
  return `-- min_program: ${current}
create table mallsync.tb_next_note (note_id bigint generated always as identity primary key, note text not null);
alter table mallsync.tb_batch_execution_summary add column next_note text;
`;
}

async function nameMigration(): Promise<string> {
  const names = (await readdir(join(ROOT, 'migrations'))).filter((name) => name.endsWith('.sql')).toSorted();
  const last = Number(names.at(-1)?.slice(0, 6));
  return `${String(last + 1).padStart(6, '0')}_next_note.sql`;
}

type Change = readonly [path: readonly (string | number)[], value: unknown];

async function change(file: string, changes: readonly Change[]): Promise<void> {
  const document = parseDocument(await readFile(file, 'utf8'));
  for (const [path, value] of changes) document.setIn(path, document.createNode(value));
  await writeFile(file, document.toString({ lineWidth: 0 }));
}
