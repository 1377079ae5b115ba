import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { resolve, join } from 'node:path';
import { AUDIT_POLICY } from './api-server-files.ts';
import type { E2eCluster, E2eLab } from './e2e-cluster.ts';
import { buildTagged, findImage, hasDocker, ROOT } from './e2e-image.ts';
import { runTool } from './e2e-tool.ts';

const NODE_IMAGE = 'node:24-bookworm-slim';
const POSTGRES_IMAGE = 'postgres:15-bookworm';

/** The lab's node, brought up where it is not; one that is up is used as it is, and stays up. */
export async function openLab(env: NodeJS.ProcessEnv): Promise<E2eCluster | string> {
  const scripts = resolve(env['MALLSYNC_LAB'] ?? join(ROOT, '../shared/lab'));
  if (!existsSync(join(scripts, 'up'))) return `there is no ${join(scripts, 'up')}`;
  const state = env['LAB_DIR'] ?? '/var/tmp/mallsync-lab';
  const kubeconfig = join(state, 'kubeconfig');
  if (!(await isUp(state, kubeconfig))) await bringUp(scripts, state);
  if (!(await hasDocker())) await runTool(join(scripts, 'docker'), []);
  const given = { image: env['MALLSYNC_E2E_IMAGE'], postgresImage: env['MALLSYNC_E2E_POSTGRES_IMAGE'] };
  const postgresImage = given.postgresImage ?? (await makeImage(scripts, 'postgres', POSTGRES_IMAGE));
  if (given.image === undefined) await makeImage(scripts, 'base', NODE_IMAGE);
  const image = given.image ?? (await buildTagged());
  const lab: E2eLab = { scripts, state, auditLog: await findAuditLog(state) };
  await loadIntoLab(lab, [image, postgresImage]);
  return { kubeconfig, image, postgresImage, lab, stop: () => Promise.resolve() };
}

/** Hands images of the Docker engine to the node. */
export async function loadIntoLab({ scripts }: E2eLab, images: readonly string[]): Promise<void> {
  await runTool(join(scripts, 'load'), images);
}

async function isUp(state: string, kubeconfig: string): Promise<boolean> {
  if (!existsSync(kubeconfig)) return false;
  const args = ['--kubeconfig', kubeconfig, 'wait', '--for=condition=Ready', 'node/lab', '--timeout=10s'];
  return await runTool(join(state, 'bin', 'kubectl'), args).then(
    () => true,
    () => false,
  );
}

async function bringUp(scripts: string, state: string): Promise<void> {
  const [policy, log] = [join(state, 'audit-policy'), join(state, 'audit.log')];
  await mkdir(state, { recursive: true });
  await writeFile(policy, JSON.stringify(AUDIT_POLICY));
  const flags = `--audit-policy-file=${policy} --audit-log-path=${log} --audit-log-maxsize=100000`;
  await runTool(join(scripts, 'up'), [], { env: { ...process.env, LAB_DIR: state, LAB_APISERVER_FLAGS: flags } });
}

async function makeImage(scripts: string, kind: string, name: string): Promise<string> {
  if ((await findImage(name)) === null) await runTool(join(scripts, 'image'), [kind, name]);
  return name;
}

/** As the running API server was told. */
async function findAuditLog(state: string): Promise<string | null> {
  const pid = (await readFile(join(state, 'pids', 'apiserver'), 'utf8')).trim();
  const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
  return words.find((word) => word.startsWith('--audit-log-path='))?.split('=')[1] ?? null;
}
