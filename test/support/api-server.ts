import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '../../src/commands/demo/embedded-server.ts';
import { ADMIN, toKubeconfig, writeServerFiles, type ServerFiles } from './api-server-files.ts';
import { openApiServer } from './api-server-client.ts';
import { startServerProcess, type ServerProcess } from './api-server-process.ts';

export interface ApiServer {
  /** Path of a kubeconfig with all rights. */
  readonly kubeconfig: string;
  /** Path of the audit log, one JSON event a line; null where the server is not ours. */
  readonly auditLog: string | null;
  /** Of kube-apiserver and etcd; empty where the server is not ours. */
  listPids(): Promise<readonly number[]>;
  stop(): Promise<void>;
}

const PORT_TRIES = 3;
const START_TIMEOUT_MS = 120_000;
const POLL_MS = 100;

/**
 * etcd and kube-apiserver of the caller's own, from the programs in `binaries`: RBAC on, audit log on, no controllers.
 * Several may run at once. They end with `stop`, or when this process ends in any way.
 */
export async function startApiServer(binaries: string): Promise<ApiServer> {
  for (let tries = 1; ; tries++) {
    try {
      return await startOnFreePorts(binaries);
    } catch (error) {
      // the free ports may have been taken meanwhile
      if (tries === PORT_TRIES) throw error;
    }
  }
}

async function startOnFreePorts(binaries: string): Promise<ApiServer> {
  const dir = await mkdtemp(join(tmpdir(), 'mallsync-api-server-'));
  const files = await writeServerFiles(dir);
  const [etcdPort, port] = [await findFreePort(), await findFreePort()];
  const etcd = await startServerProcess({
    program: join(binaries, 'etcd'),
    args: toEtcdArgs(dir, etcdPort),
    dir,
    logFile: join(dir, 'etcd.log'),
  });
  const server = await startServerProcess({
    program: join(binaries, 'kube-apiserver'),
    args: toServerArgs(files, etcdPort, port),
    dir,
    logFile: join(dir, 'kube-apiserver.log'),
  });
  const stop = async (): Promise<void> => {
    await Promise.all([server.stop(), etcd.stop()]);
  };
  try {
    const kubeconfig = join(dir, 'kubeconfig');
    await waitUntilReady({ etcd, server, files, port, kubeconfig });
    const listPids = (): Promise<readonly number[]> => Promise.all([server.findPid(), etcd.findPid()]);
    return { kubeconfig, auditLog: files.auditLog, listPids, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function toEtcdArgs(dir: string, port: number): readonly string[] {
  const url = `http://127.0.0.1:${port}`;
  return [
    `--data-dir=${join(dir, 'etcd')}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    '--listen-peer-urls=http://127.0.0.1:0',
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

function toServerArgs(files: ServerFiles, etcdPort: number, port: number): readonly string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${port}`,
    '--endpoint-reconciler-type=none',
    '--service-cluster-ip-range=10.96.0.0/16',
    `--cert-dir=${files.certDir}`,
    `--token-auth-file=${files.tokens}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${files.accountKey}`,
    `--service-account-signing-key-file=${files.accountKey}`,
    `--audit-policy-file=${files.auditPolicy}`,
    `--audit-log-path=${files.auditLog}`,
    // whole, however long the run is
    '--audit-log-maxsize=100000',
  ];
}

interface Starting {
  readonly etcd: ServerProcess;
  readonly server: ServerProcess;
  readonly files: ServerFiles;
  readonly port: number;
  readonly kubeconfig: string;
}

async function waitUntilReady({ etcd, server, files, port, kubeconfig }: Starting): Promise<void> {
  const deadline = AbortSignal.timeout(START_TIMEOUT_MS);
  for (;;) {
    const ended = [etcd, server].find((process) => process.hasEnded());
    if (ended !== undefined) throw new Error(`the API server did not start: ${await ended.readTail()}`);
    if (deadline.aborted) throw new Error(`the API server is not ready: ${await server.readTail()}`);
    const authority = await readFile(join(files.certDir, 'apiserver.crt'), 'utf8').catch(() => '');
    if (authority !== '') {
      const address = { server: `https://127.0.0.1:${port}`, authority, user: ADMIN, token: files.adminToken };
      await writeFile(kubeconfig, toKubeconfig(address), { mode: 0o600 });
      if (await isReady(kubeconfig)) return;
    }
    await sleep(POLL_MS);
  }
}

/** Ready, and the namespaces that it makes itself are there. */
async function isReady(kubeconfig: string): Promise<boolean> {
  const client = openApiServer(kubeconfig);
  try {
    await client.request('GET', '/readyz');
    await client.request('GET', '/api/v1/namespaces/kube-system');
    await client.request('GET', '/api/v1/namespaces/default');
    return true;
  } catch {
    return false;
  } finally {
    await client.close();
  }
}
