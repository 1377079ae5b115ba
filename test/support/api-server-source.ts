import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildPrograms, hasGo } from './api-server-build.ts';
import { openApiServer } from './api-server-client.ts';
import { downloadPrograms, findArchive } from './api-server-download.ts';
import { startApiServer, type ApiServer } from './api-server.ts';

const run = promisify(execFile);

/** One place that an API server may come from. */
export interface ApiServerSource {
  readonly name: string;
  /** Null where this place has none. Rejects when it should have one but fails. */
  open(): Promise<ApiServer | null>;
}

export const KUBERNETES_VERSION = '1.35.4';

const K3S_IMAGE = 'rancher/k3s:v1.35.0-k3s1';
const DOWNLOAD_TIMEOUT_MS = 300_000;
const PROGRAMS = ['etcd', 'kube-apiserver', 'kubectl'];
const PACKED_LAB = fileURLToPath(new URL('../../../shared/lab/bin/kubelab.xz', import.meta.url));

/** In the order in which they are asked. */
export function listSources(environment: NodeJS.ProcessEnv): readonly ApiServerSource[] {
  const cache = toCacheDir(environment);
  const image = environment['MALLSYNC_TEST_K3S_IMAGE'] ?? K3S_IMAGE;
  return [
    { name: 'KUBEBUILDER_ASSETS', open: () => openAssets(environment['KUBEBUILDER_ASSETS']) },
    { name: `the cache folder ${cache}`, open: () => openBinaries(cache) },
    { name: 'MALLSYNC_TEST_KUBECONFIG', open: () => openGiven(environment['MALLSYNC_TEST_KUBECONFIG']) },
    { name: '../shared/lab', open: () => openLab(cache) },
    { name: 'download of envtest', open: () => openDownload(cache) },
    { name: 'building with go', open: () => openBuild(cache) },
    { name: 'Docker with k3s', open: () => openContainer(image) },
  ];
}

/** Where programs are kept between runs. */
export function toCacheDir(environment: NodeJS.ProcessEnv): string {
  const root = environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(root, 'mallsync', 'envtest', KUBERNETES_VERSION);
}

async function openAssets(dir: string | undefined): Promise<ApiServer | null> {
  if (dir === undefined) return null;
  const server = await openBinaries(dir);
  if (server === null) throw new Error(`${dir} lacks one of ${PROGRAMS.join(', ')}`);
  return server;
}

async function openBinaries(dir: string): Promise<ApiServer | null> {
  return PROGRAMS.every((name) => existsSync(join(dir, name))) ? startApiServer(dir) : null;
}

async function openGiven(kubeconfig: string | undefined): Promise<ApiServer | null> {
  if (kubeconfig === undefined) return null;
  const client = openApiServer(kubeconfig);
  await client.request('GET', '/readyz').finally(() => client.close());
  return { kubeconfig, auditLog: null, listPids: async () => [], stop: () => Promise.resolve() };
}

/**
 * The lab's own script has fixed ports and one state for everybody, so that two suites would share an etcd; its program
 * is unpacked once and started like any other.
 */
async function openLab(cache: string): Promise<ApiServer | null> {
  const packed = await stat(PACKED_LAB).catch(() => undefined);
  if (packed === undefined) return null;
  const dir = `${cache}-lab-${packed.size}`;
  if (!existsSync(dir)) await unpackLab(dir);
  return openBinaries(dir);
}

async function unpackLab(dir: string): Promise<void> {
  const draft = `${dir}.${process.pid}`;
  await mkdir(draft, { recursive: true });
  await run('/bin/sh', ['-c', 'xz -dc "$0" > "$1" && chmod +x "$1"', PACKED_LAB, join(draft, 'kubelab')]);
  for (const name of PROGRAMS) {
    const script = `#!/bin/sh\nexec "${join(dir, 'kubelab')}" ${name} "$@"\n`;
    await writeFile(join(draft, name), script, { mode: 0o755 });
  }
  // a rival may have been first: its copy is as good
  await rename(draft, dir).catch(() => rm(draft, { recursive: true, force: true }));
}

async function openDownload(cache: string): Promise<ApiServer | null> {
  const archive = findArchive(process.platform, process.arch);
  if (archive === null) return null;
  await downloadPrograms(archive, cache, AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS));
  return openBinaries(cache);
}

async function openBuild(cache: string): Promise<ApiServer | null> {
  if (!(await hasGo())) return null;
  process.stderr.write(`building etcd, kube-apiserver and kubectl into ${cache}, once: this takes some minutes\n`);
  await buildPrograms(KUBERNETES_VERSION, cache);
  return openBinaries(cache);
}

async function openContainer(image: string): Promise<ApiServer | null> {
  const hasDocker = await run('docker', ['info']).then(
    () => true,
    () => false,
  );
  if (!hasDocker) return null;
  // loaded only here: it takes a second, and the other sources do without it
  return (await import('./api-server-container.ts')).startContainerApiServer(image);
}
