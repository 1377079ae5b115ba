import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { toCacheDir } from './api-server-source.ts';
import { findHelm, listHelmSources } from './helm-search.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Programs that the chart is tested with; null where one is missing: then its tests are skipped. */
    readonly chartTools: { readonly helm: string; readonly kubectl: string } | null;
  }
}

/** Without the tools CI fails and others are told. */
export async function setup(project: TestProject): Promise<void> {
  try {
    const helm = await findHelm(listHelmSources(process.env));
    project.provide('chartTools', { helm, kubectl: await findKubectl(process.env) });
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    process.stderr.write(`\n*** SKIPPED: every test of test/cluster/chart ***\n${String(error)}\n`);
    project.provide('chartTools', null);
  }
}

/** On the PATH, or beside an API server that the tests had from somewhere. */
async function findKubectl(environment: NodeJS.ProcessEnv): Promise<string> {
  const cache = dirname(toCacheDir(environment));
  const cached = await readdir(cache).catch(() => []);
  const assets = environment['KUBEBUILDER_ASSETS'];
  const folders = [...(assets === undefined ? [] : [assets]), ...cached.map((name) => join(cache, name))];
  const beside = folders.map((folder) => join(folder, 'kubectl')).filter((program) => existsSync(program));
  for (const program of ['kubectl', ...beside]) if (await answers(program)) return program;
  throw new Error('The chart is tested with kubectl: put it on the PATH');
}

async function answers(program: string): Promise<boolean> {
  return promisify(execFile)(program, ['version', '--client']).then(
    () => true,
    () => false,
  );
}
