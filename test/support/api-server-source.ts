import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import { startApiServer, type ApiServer } from './api-server.ts';

/** One place that an API server may come from. */
export interface ApiServerSource {
  readonly name: string;
  /** Null where this place has none. Rejects when it should have one but fails. */
  open(): Promise<ApiServer | null>;
}

export const KUBERNETES_VERSION = '1.35.4';

const PROGRAMS = ['etcd', 'kube-apiserver', 'kubectl'];
const LAB = fileURLToPath(new URL('../../../shared/lab', import.meta.url));

/** In the order in which they are asked. */
export function listSources(environment: NodeJS.ProcessEnv): readonly ApiServerSource[] {
  const assets = environment['KUBEBUILDER_ASSETS'];
  const kubeconfig = environment['MALLSYNC_TEST_KUBECONFIG'];
  const cache = toCacheDir(environment);
  return [
    { name: 'KUBEBUILDER_ASSETS', open: () => openBinaries(assets) },
    { name: `the cache folder ${cache}`, open: () => openBinaries(cache) },
    {
      name: 'MALLSYNC_TEST_KUBECONFIG',
      open: () =>
        Promise.resolve(
          kubeconfig === undefined ? null : { kubeconfig, auditLog: null, stop: () => Promise.resolve() },
        ),
    },
    { name: '../shared/lab', open: () => openLab(cache) },
  ];
}

/** Where programs are kept between runs. */
export function toCacheDir(environment: NodeJS.ProcessEnv): string {
  const root = environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(root, 'mallsync', 'envtest', KUBERNETES_VERSION);
}

async function openBinaries(dir: string | undefined): Promise<ApiServer | null> {
  if (dir === undefined || !PROGRAMS.every((name) => existsSync(join(dir, name)))) return null;
  return startApiServer(dir);
}

/**
 * The lab's own script has fixed ports and one state for everybody, so that two suites would share an etcd; its program
 * is unpacked once and started like any other.
 */
async function openLab(cache: string): Promise<ApiServer | null> {
  const packed = join(LAB, 'bin', 'kubelab.xz');
  if (!existsSync(packed)) return null;
  const dir = join(cache, 'lab');
  if (!existsSync(dir)) {
    const draft = `${dir}.${process.pid}`;
    await mkdir(draft, { recursive: true });
    const program = join(draft, 'kubelab');
    await promisify(execFile)('/bin/sh', ['-c', 'xz -dc "$0" > "$1" && chmod +x "$1"', packed, program]);
    for (const name of PROGRAMS) {
      const script = `#!/bin/sh\nexec "${join(dir, 'kubelab')}" ${name} "$@"\n`;
      await writeFile(join(draft, name), script, { mode: 0o755 });
    }
    // a rival may have been first: its copy is as good
    await rename(draft, dir).catch(() => rm(draft, { recursive: true, force: true }));
  }
  return openBinaries(dir);
}
