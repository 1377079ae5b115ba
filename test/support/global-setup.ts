import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import { openDatabase } from '../../src/adapters/postgres/database.ts';
import { migrate } from '../../src/adapters/postgres/migrate.ts';
import { startEmbeddedDatabase } from '../../src/commands/demo/embedded-database.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A database of the test server that may create others, and the migrated one that tests are cloned from. */
    readonly databaseServer: { readonly url: string; readonly template: string };
  }
}

interface TestServer {
  readonly url: string;
  stop(): Promise<unknown>;
}

/**
 * One PostgreSQL for the whole project, migrated once: the one that MALLSYNC_TEST_DATABASE_URL names, a container of
 * the image that MALLSYNC_TEST_POSTGRES_IMAGE names, or else an embedded one.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startServer();
  const { url } = server;
  const template = `mallsync_template_${randomUUID().slice(0, 8)}`;
  await runOn(url, `create database ${template}`);
  await migrateTemplate(url, template);
  project.provide('databaseServer', { url, template });
  return async () => {
    await runOn(url, `drop database if exists ${template}_million with (force)`);
    await runOn(url, `drop database ${template} with (force)`);
    await server.stop();
  };
}

async function startServer(): Promise<TestServer> {
  const url = process.env['MALLSYNC_TEST_DATABASE_URL'];
  if (url !== undefined) return { url, stop: () => Promise.resolve() };
  const image = process.env['MALLSYNC_TEST_POSTGRES_IMAGE'];
  if (image !== undefined) return (await import('./container-database.ts')).startContainerDatabase(image);
  return startEmbeddedDatabase({
    dataDir: join(tmpdir(), `mallsync-test-${process.pid}-${randomUUID().slice(0, 8)}`),
    persistent: false,
    isDurable: false,
    settings: ['max_connections=300', 'shared_buffers=256MB'],
  });
}

async function runOn(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

async function migrateTemplate(url: string, template: string): Promise<void> {
  const target = new URL(url);
  target.pathname = `/${template}`;
  const database = await openDatabase({
    url: target.href,
    schema: 'mallsync',
    applicationName: 'mallsync test',
    leaseSeconds: 30,
  });
  await migrate(database, '0.1.0').finally(() => database.close());
}
