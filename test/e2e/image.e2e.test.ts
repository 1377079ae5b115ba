import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CATALOG } from '../../src/commands/catalog.ts';
import { ALLOCATOR, MARK, NODE_FLAGS } from '../../src/commands/lean-process.ts';
import { askInside, listFiles, runContainer } from '../support/e2e-container.ts';
import { buildImage, copyBuildContext, ROOT } from '../support/e2e-image.ts';
import { runTool } from '../support/e2e-tool.ts';

/** What must not come along from the folder of somebody who works in it. */
const PLANTED = [
  '.env',
  '.git/config',
  '.mallsync/demo/secret.json',
  'server.pem',
  'node_modules/left-over/package.json',
  'coverage/index.html',
  'src/planted.test.ts',
  'src/commands/planted.test.ts',
];
/** Programs: importing them would run them. */
const PROGRAMS = ['main.ts', 'run-thread.ts', 'print-kube-access.ts'];

interface ImageConfig {
  readonly Config: {
    readonly User: string;
    readonly Env: readonly string[];
    readonly Entrypoint: readonly string[];
    readonly Labels: Readonly<Record<string, string>>;
    readonly Volumes: unknown;
  };
  readonly RootFS: { readonly Layers: readonly string[] };
}

let image: string;
let base: string;

beforeAll(async () => {
  const context = await copyBuildContext();
  try {
    for (const path of PLANTED) {
      await mkdir(dirname(join(context, path)), { recursive: true });
      await writeFile(join(context, path), '{"name":"planted"}');
    }
    image = await buildImage('mallsync:e2e-planted', context);
  } finally {
    await rm(context, { recursive: true });
  }
  const dockerfile = await readFile(join(ROOT, 'Dockerfile'), 'utf8');
  base = process.env['MALLSYNC_E2E_NODE_IMAGE'] ?? /^ARG NODE_IMAGE=(\S+)$/m.exec(dockerfile)?.[1] ?? '';
});

afterAll(() => runTool('docker', ['rmi', 'mallsync:e2e-planted']));

test('runs as a numbered user, with a read-only file system, no capability and no network', async () => {
  const { version } = await readJson<{ version: string }>('package.json');
  expect(await runContainer(image, ['--version'])).toMatchObject({ exitCode: 0, stdout: `${version}\n` });
  const script = 'process.stdout.write(JSON.stringify([process.getuid(), process.getgid()]))';
  expect(await askInside(image, script)).toEqual([10_001, 10_001]);
  const help = await runContainer(image, ['--help'], { options: ['--network', 'none', '--entrypoint', 'mallsync'] });
  expect(help.exitCode).toBe(0);
  for (const { name } of CATALOG) expect(help.stdout).toContain(`  ${name} `);
});

test('runs as any other user too, as some clusters choose one', async () => {
  const end = await runContainer(image, ['migrate', '--help'], { options: ['--network', 'none', '--user', '12345:0'] });
  expect(end).toMatchObject({ exitCode: 0, stderr: '' });
});

test('every command explains itself', async () => {
  const script = `
    import { spawnSync } from 'node:child_process';
    const answers = ${JSON.stringify(CATALOG.map(({ name }) => name))}.map((name) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, ['/app/src/main.ts', name, '--help'], { encoding: 'utf8' });
      return { name, status, usage: stdout.split('\\n')[0], stderr };
    });
    console.log(JSON.stringify(answers));`;
  const answers = await askInside<{ name: string }[]>(image, script);
  expect(answers).toEqual(
    answers.map(({ name }) => ({
      name,
      status: 0,
      usage: expect.stringContaining(`mallsync ${name}`),
      stderr: '',
    })),
  );
  expect(answers.map(({ name }) => name)).toEqual(CATALOG.map(({ name }) => name));
});

test('nothing that the program imports was taken out', async () => {
  const script = `
    import { globSync } from 'node:fs';
    const failed = [];
    const files = globSync('src/**/*.ts', { cwd: '/app' }).filter((path) => !${JSON.stringify(PROGRAMS)}.includes(path.split('/').at(-1)));
    for (const path of files) await import('/app/' + path).catch((error) => failed.push(path + ': ' + error.message));
    console.log(JSON.stringify({ count: files.length, failed }));`;
  const { count, failed } = await askInside<{ count: number; failed: string[] }>(image, script);
  expect(failed).toEqual([]);
  expect(count).toBeGreaterThan(300);
});

test('the Kubernetes client reads a kubeconfig', async () => {
  const program = '/app/src/adapters/kubernetes/transport/print-kube-access.ts';
  const options = ['--network', 'none', '--entrypoint', 'node'];
  const { stderr, exitCode } = await runContainer(image, [program], { options });
  expect(stderr).toContain('the API server must be reached by https');
  expect(exitCode).toBe(1);
});

test('holds nothing but the program, its dependencies and what the base has', async () => {
  const before = new Set(await listFiles(base));
  const added = (await listFiles(image)).filter((path) => !before.has(path));
  const own = /^app\/(package\.json|(src|migrations|node_modules|compile-cache)\/.*)?$|^usr\/local\/bin\/mallsync$/;
  // made by the engine for each container
  const engine = /^(\.dockerenv|(dev|proc|sys)\/.*|etc\/(hosts|hostname|resolv\.conf|mtab))$/;
  expect(added.filter((path) => !own.test(path) && !engine.test(path))).toEqual([]);
  expect(added.filter((path) => /\.test\.|\.pem$|\.env$|\.npmrc$|(^|\/)(\.git|\.npm|_cacache)\//.test(path))).toEqual(
    [],
  );
  expect(added).not.toContain('app/node_modules/left-over/package.json');
  expect(added.filter((path) => /^app\/node_modules\/.*\.(ts|mts|cts|map)$/.test(path))).toEqual([]);
});

test('has exactly the packages of the lock file that are not for development', async () => {
  const lock = await readJson<{ packages: Record<string, LockedPackage> }>('package-lock.json');
  const script = `
    import { globSync, readFileSync } from 'node:fs';
    const found = globSync('node_modules/**/package.json', { cwd: '/app' }).map((path) => {
      const { name, version } = JSON.parse(readFileSync('/app/' + path));
      return [path.slice(0, -'/package.json'.length), name, version];
    });
    console.log(JSON.stringify(found));`;
  const found = await askInside<[string, string, string][]>(image, script);
  const isPackage = ([path, name]: readonly string[]): boolean => path?.endsWith(`node_modules/${name}`) === true;
  const installed = Object.fromEntries(found.filter(isPackage).map(([path, , version]) => [path, version]));
  const isWanted = ([path, { dev, os, cpu }]: [string, LockedPackage]): boolean =>
    path !== '' && dev !== true && (installed[path] !== undefined || (os === undefined && cpu === undefined));
  const wanted = Object.entries(lock.packages).filter(isWanted);
  expect(installed).toEqual(Object.fromEntries(wanted.map(([path, { version }]) => [path, version])));
});

test('adds two layers to its base and says what it is', async () => {
  const [ours, theirs] = [await inspect(image), await inspect(base)];
  const { version } = await readJson<{ version: string }>('package.json');
  expect(ours.RootFS.Layers.slice(0, theirs.RootFS.Layers.length)).toEqual(theirs.RootFS.Layers);
  // BuildKit adds an empty one for the working directory
  expect((await countFilledLayers(image)) - (await countFilledLayers(base))).toBe(2);
  expect(ours.Config).toMatchObject({ User: '10001:10001', Volumes: null });
  expect(ours.Config.Labels).toMatchObject({
    'org.opencontainers.image.title': 'mallsync',
    'org.opencontainers.image.version': version,
  });
});

test('begins lean: with the flags and variables that a second start would give', async () => {
  const { Config } = await inspect(image);
  expect(Config.Entrypoint).toEqual(['node', ...NODE_FLAGS, '/app/src/main.ts']);
  const lean = Object.entries({ ...ALLOCATOR, [MARK]: '1' }).map(([key, value]) => `${key}=${value}`);
  expect(Config.Env).toEqual(expect.arrayContaining(lean));
});

test('begins from the compile cache: every module of a sync stands in it, and none is refused', async () => {
  const args = ['sync', '--mall-id', '1', '--domain-type', 'MEMBER'];
  const period = ['--start-date', '2025-12-01T00:00:00', '--end-date', '2025-12-02T00:00:00'];
  const { stdout, stderr, exitCode } = await runContainer(image, [...args, ...period], {
    env: {
      NODE_DEBUG_NATIVE: 'COMPILE_CACHE',
      MALLSYNC_DATABASE_URL: 'postgres://nobody@127.0.0.1:9/nothing',
      MALLSYNC_ENCRYPTION_KEYS: `key:${Buffer.alloc(32).toString('base64')}`,
    },
  });
  expect(exitCode).toBe(69);
  const lines = `${stdout}${stderr}`.split('\n').filter((line) => line.startsWith('[compile cache] '));
  const reads = lines.filter((line) => line.includes('reading cache from'));
  expect(reads.filter((line) => !line.includes('success'))).toEqual([]);
  expect(lines.filter((line) => line.includes('V8 code cache') && !line.includes('accepted'))).toEqual([]);
  expect(reads.length).toBeGreaterThan(300);
});

interface LockedPackage {
  readonly version: string;
  readonly dev?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
}

async function inspect(name: string): Promise<ImageConfig> {
  const [config] = JSON.parse(await runTool('docker', ['image', 'inspect', name])) as ImageConfig[];
  if (config === undefined) throw new Error(`there is no image ${name}`);
  return config;
}

async function countFilledLayers(name: string): Promise<number> {
  const sizes = await runTool('docker', ['history', '--format', '{{.Size}}', name]);
  return sizes.split('\n').filter((size) => size !== '' && size !== '0B').length;
}

async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(join(ROOT, path), 'utf8')) as T;
}
