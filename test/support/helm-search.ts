import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Built where no other is found. */
export const HELM_VERSION = 'v3.22.0';

const PACKED = fileURLToPath(new URL('../../../shared/lab/bin/helm.xz', import.meta.url));

const HOW_TO = `The chart is tested with helm. Any one of these gives it:
  helm 3.18 or newer on the PATH, or its path in MALLSYNC_TEST_HELM
  go 1.24 or newer and a module proxy: helm ${HELM_VERSION} is built once`;

/** One place that helm may come from. */
export interface HelmSource {
  readonly name: string;
  /** Path of the program; null where this place has none. Rejects when it should have one but fails. */
  find(): Promise<string | null>;
}

/** Says what was tried, what came of it, and how to get helm. */
export class NoHelmError extends Error {
  constructor(tried: readonly string[]) {
    super(`${HOW_TO}\nTried, in this order:\n${tried.map((line) => `  ${line}`).join('\n')}`);
    this.name = 'NoHelmError';
  }
}

/** In the order in which they are asked. */
export function listHelmSources(environment: NodeJS.ProcessEnv): readonly HelmSource[] {
  const cache = join(environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'mallsync', 'helm');
  return [
    { name: 'MALLSYNC_TEST_HELM', find: () => findGiven(environment['MALLSYNC_TEST_HELM']) },
    { name: 'the PATH', find: async () => ((await answers('helm')) ? 'helm' : null) },
    { name: '../shared/lab', find: () => unpackLab(cache) },
    { name: 'building with go', find: () => buildHelm(join(cache, HELM_VERSION, 'helm')) },
  ];
}

/** The first helm that answers. */
export async function findHelm(sources: readonly HelmSource[]): Promise<string> {
  const tried: string[] = [];
  for (const source of sources) {
    try {
      const program = await source.find();
      if (program !== null) return program;
      tried.push(`${source.name}: none`);
    } catch (error) {
      tried.push(`${source.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new NoHelmError(tried);
}

async function findGiven(program: string | undefined): Promise<string | null> {
  if (program === undefined) return null;
  if (await answers(program)) return program;
  throw new Error(`${program} does not answer as helm`);
}

async function answers(program: string, args: readonly string[] = ['version', '--short']): Promise<boolean> {
  return run(program, [...args]).then(
    () => true,
    () => false,
  );
}

async function unpackLab(cache: string): Promise<string | null> {
  const packed = await stat(PACKED).catch(() => undefined);
  if (packed === undefined) return null;
  const program = join(cache, `lab-${packed.size}`, 'helm');
  if (existsSync(program)) return program;
  return await place(program, (dir) =>
    run('/bin/sh', ['-c', 'xz -dc "$0" > "$1" && chmod +x "$1"', PACKED, join(dir, 'helm')]),
  );
}

async function buildHelm(program: string): Promise<string | null> {
  if (existsSync(program)) return program;
  if (!(await answers('go', ['version']))) return null;
  process.stderr.write(`building helm ${HELM_VERSION} into ${dirname(program)}, once: this takes some minutes\n`);
  return await place(program, (dir) =>
    run('go', ['install', `helm.sh/helm/v3/cmd/helm@${HELM_VERSION}`], {
      env: { ...process.env, GOBIN: dir, CGO_ENABLED: '0' },
    }),
  );
}

/** Fills a draft folder and renames it, so that the program is there only when all of it is. */
async function place(program: string, fill: (dir: string) => Promise<unknown>): Promise<string> {
  const target = dirname(program);
  await mkdir(dirname(target), { recursive: true });
  const draft = await mkdtemp(`${target}.`);
  try {
    await fill(draft);
    // a rival may have been first: its copy is as good
    await rename(draft, target).catch((error: unknown) => {
      if (!existsSync(program)) throw error;
    });
    return program;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
