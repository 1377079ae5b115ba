import { existsSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { resolve, join } from 'node:path';
import { AUDIT_POLICY } from './api-server-files.ts';
import type { E2eCluster, E2eLab } from './e2e-cluster.ts';
import { buildTagged, findImage, hasDocker, ROOT } from './e2e-image.ts';
import { restartApiServer } from './e2e-lab-control.ts';
import { runTool } from './e2e-tool.ts';

const NODE_IMAGE = 'node:24-bookworm-slim';
const POSTGRES_IMAGE = 'postgres:15-bookworm';

/** The lab's node, brought up where it is not; one that is up is used, with an audit log, and stays up. */
export async function openLab(env: NodeJS.ProcessEnv): Promise<E2eCluster | string> {
  const scripts = resolve(env['MALLSYNC_LAB'] ?? join(ROOT, '../shared/lab'));
  if (!existsSync(join(scripts, 'up'))) return `there is no ${join(scripts, 'up')}`;
  const state = env['LAB_DIR'] ?? '/var/tmp/mallsync-lab';
  const kubeconfig = join(state, 'kubeconfig');
  const audit = await writeAuditFlags(state);
  if (!(await isUp(state, kubeconfig))) await bringUp(scripts, state, audit);
  // what it was not told when it was started it cannot be told now
  else if ((await findAuditLog(state)) === null) await restartApiServer({ scripts, state }, audit);
  if (!(await hasDocker())) await runTool(join(scripts, 'docker'), []);
  const given = { image: env['MALLSYNC_E2E_IMAGE'], postgresImage: env['MALLSYNC_E2E_POSTGRES_IMAGE'] };
  const postgresImage = given.postgresImage ?? (await makeImage(scripts, 'postgres', POSTGRES_IMAGE));
  if (given.image === undefined) await makeImage(scripts, 'base', NODE_IMAGE);
  const image = given.image ?? (await buildTagged());
  const auditLog = await findAuditLog(state);
  const lab: E2eLab = { scripts, state, auditLog, auditFrom: auditLog === null ? 0 : (await stat(auditLog)).size };
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

async function bringUp(scripts: string, state: string, flags: readonly string[]): Promise<void> {
  const env = { ...process.env, LAB_DIR: state, LAB_APISERVER_FLAGS: flags.join(' ') };
  await runTool(join(scripts, 'up'), [], { env });
}

/** Flags of an API server that writes down who asked for what. */
async function writeAuditFlags(state: string): Promise<readonly string[]> {
  const [policy, log] = [join(state, 'audit-policy'), join(state, 'audit.log')];
  await mkdir(state, { recursive: true });
  await writeFile(policy, JSON.stringify(AUDIT_POLICY));
  return [`--audit-policy-file=${policy}`, `--audit-log-path=${log}`, '--audit-log-maxsize=100000'];
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
