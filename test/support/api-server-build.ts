import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SOURCE = fileURLToPath(new URL('../cluster/build-apiserver', import.meta.url));
const PROGRAMS = ['etcd', 'kube-apiserver', 'kubectl'];
const TAGS = 'providerless,dockerless,selinux_disabled';

export async function hasGo(): Promise<boolean> {
  return promisify(execFile)('go', ['version']).then(
    () => true,
    () => false,
  );
}

/** Builds the programs from Go modules into `dir`, which is there only when all of it is: about six minutes. */
export async function buildPrograms(version: string, dir: string): Promise<void> {
  const draft = `${dir}.${process.pid}`;
  await mkdir(draft, { recursive: true });
  try {
    const [major, minor] = version.split('.');
    const set = (name: string, value: string): string => `-X k8s.io/component-base/version.${name}=${value}`;
    const stamps = [set('gitVersion', `v${version}`), set('gitMajor', major ?? ''), set('gitMinor', minor ?? '')];
    const flags = ['-trimpath', '-tags', TAGS, '-ldflags', ['-s', '-w', ...stamps].join(' ')];
    const child = spawn('go', ['build', ...flags, '-o', join(draft, 'control-plane'), '.'], {
      cwd: SOURCE,
      env: { ...process.env, CGO_ENABLED: '0' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await once(child, 'close');
    if (child.exitCode !== 0) throw new Error(`go build ended with ${child.exitCode}`);
    for (const name of PROGRAMS) await symlink('control-plane', join(draft, name));
    await rename(draft, dir);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
