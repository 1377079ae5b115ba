import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { openDatabase } from '../../../src/adapters/postgres/database.ts';
import { migrate } from '../../../src/adapters/postgres/migrate.ts';
import { startEmbeddedDatabase, type EmbeddedDatabase } from '../../../src/commands/demo/embedded-database.ts';
import { readVersion } from '../../../src/commands/version.ts';
import { openApiServer } from '../../support/api-server-client.ts';
import { applyDefinition } from '../../support/api-server-definition.ts';
import type { ApiServerClient } from '../../support/api-server-door.ts';
import { findApiServer } from '../../support/api-server-search.ts';
import { listSources } from '../../support/api-server-source.ts';
import type { ApiServer } from '../../support/api-server.ts';
import { applyRbac, buildAccountKubeconfig, createNamespace } from '../../support/controller-account.ts';

/** etcd, API server and PostgreSQL of the benchmark's own, with their default durability but for etcd's fsync. */
export interface BenchCluster {
  readonly client: ApiServerClient;
  readonly adminKubeconfig: string;
  readonly auditLog: string;
  /** Processes of its own, by name. */
  readonly pids: Readonly<Record<string, number>>;
  /** A namespace with the controller's account and a database with these many malls, for one scenario. */
  openPlace(malls: number): Promise<BenchPlace>;
  stop(): Promise<void>;
}

export interface BenchPlace {
  readonly namespace: string;
  readonly databaseUrl: string;
  /** What the controller needs. */
  readonly environment: Readonly<Record<string, string>>;
}

export async function openBenchCluster(): Promise<BenchCluster> {
  const server = await findApiServer(listSources(process.env));
  if (server.auditLog === null) {
    await server.stop();
    throw new Error('the benchmark needs an API server of its own, for the audit log; unset MALLSYNC_TEST_KUBECONFIG');
  }
  const client = openApiServer(server.kubeconfig);
  await applyDefinition(client);
  const folder = await mkdtemp(join(tmpdir(), 'mallsync-bench-'));
  const postgres = await startEmbeddedDatabase({ dataDir: join(folder, 'postgres'), persistent: false });
  const [apiServer = 0, etcd = 0] = await server.listPids();
  const postmaster = await readFile(join(postgres.dataDir, 'data', 'postmaster.pid'), 'utf8');
  return {
    client,
    pids: { 'API server': apiServer, etcd, PostgreSQL: Number(postmaster.split('\n')[0]) },
    adminKubeconfig: server.kubeconfig,
    auditLog: server.auditLog,
    openPlace: (malls) => openPlace(client, postgres, folder, malls),
    stop: () => stopAll(client, server, postgres, folder),
  };
}

async function stopAll(
  client: ApiServerClient,
  server: ApiServer,
  postgres: EmbeddedDatabase,
  folder: string,
): Promise<void> {
  await client.close();
  await Promise.all([server.stop(), postgres.stop()]);
  await rm(folder, { recursive: true, force: true });
}

async function openPlace(
  client: ApiServerClient,
  postgres: EmbeddedDatabase,
  folder: string,
  malls: number,
): Promise<BenchPlace> {
  const label = randomUUID().slice(0, 8);
  const namespace = `bench-${label}`;
  await createNamespace(client, namespace);
  const kubeconfig = join(folder, `kubeconfig-${label}`);
  await applyRbac(client, namespace);
  await writeFile(kubeconfig, await buildAccountKubeconfig(client, namespace, 'mallsync-controller'), { mode: 0o600 });
  const databaseUrl = await createDatabase(postgres.url, `bench_${label}`, malls);
  return {
    namespace,
    databaseUrl,
    environment: {
      KUBECONFIG: kubeconfig,
      POD_NAMESPACE: namespace,
      POD_NAME: 'bench',
      MALLSYNC_DATABASE_URL: databaseUrl,
      MALLSYNC_ENCRYPTION_KEYS: `bench:${randomBytes(32).toString('base64')}`,
      MALLSYNC_JOB_IMAGE: 'mallsync:bench',
      MALLSYNC_JOB_LIMIT: '10000',
      MALLSYNC_JOBS_PER_SECOND: '0',
      MALLSYNC_CONTROLLER_HOST: '127.0.0.1',
      MALLSYNC_CONTROLLER_PORT: '0',
    },
  };
}

async function createDatabase(serverUrl: string, name: string, malls: number): Promise<string> {
  await runOn(serverUrl, `create database ${name}`);
  const target = new URL(serverUrl);
  target.pathname = `/${name}`;
  const settings = { url: target.href, schema: 'mallsync', applicationName: 'bench', leaseSeconds: 30 };
  const database = await openDatabase(settings);
  await migrate(database, readVersion()).finally(() => database.close());
  await runOn(
    target.href,
    `insert into mallsync.tb_mall_config (mall_id, cafe24_mall_id, name)
     select n, 'mall-' || n, 'Mall ' || n from generate_series(1, ${malls}) as n`,
  );
  return target.href;
}

async function runOn(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}
