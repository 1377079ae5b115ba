import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type QueryResultRow } from 'pg';
import { openDatabase, type Database } from '../../src/adapters/postgres/database.ts';
import { migrate } from '../../src/adapters/postgres/migrate.ts';
import { startEmbeddedDatabase, type EmbeddedDatabase } from '../../src/commands/demo/embedded-database.ts';
import { importMalls } from '../../src/adapters/postgres/import-malls.ts';
import { readVersion } from '../../src/commands/version.ts';
import { toImportFile } from '../../src/simulator/demo-fleet.ts';
import type { SimulatedMall } from '../../src/simulator/mall.ts';
import { startProgram } from '../support/program.ts';

export interface BenchSimulator {
  readonly pid: number;
  readonly url: string;
  readonly cafe24Url: string;
}

/** A durable PostgreSQL with its default settings and the simulator, each a process of its own. */
export interface BenchWorld {
  readonly databaseUrl: string;
  readonly database: Database;
  readonly postgresPid: number;
  readonly simulator: BenchSimulator;
  /** What a process of the program needs to work here. */
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  query<Row extends QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Forgets all that was read, so that the same period is a first load again. */
  empty(): Promise<void>;
  stop(): Promise<void>;
}

const SEED = 7;
const LEASE_SECONDS = 30;

export function buildBenchMall(cafe24MallId: string, mall: Partial<SimulatedMall> = {}): SimulatedMall {
  const credential = { clientId: 'bench', clientSecret: 'bench', refreshToken: `first token of ${cafe24MallId}` };
  return { cafe24MallId, ...credential, membersPerDay: ROWS_A_DAY, behaviour: { rateLimit: false }, ...mall };
}

export const ROWS_A_DAY = 10_000;

/** Malls get the numbers 1, 2, … in the order given. */
export async function openBenchWorld(
  malls: readonly SimulatedMall[],
  postgresSettings: readonly string[] = [],
): Promise<BenchWorld> {
  const folder = join(tmpdir(), `mallsync-bench-${randomUUID().slice(0, 8)}`);
  await mkdir(folder, { mode: 0o755 });
  const postgres = await startEmbeddedDatabase({
    dataDir: join(folder, 'postgres'),
    persistent: false,
    settings: postgresSettings,
  });
  const encryptionKeys = `bench:${randomBytes(32).toString('base64')}`;
  const settings = { url: postgres.url, schema: 'mallsync', applicationName: 'bench', leaseSeconds: LEASE_SECONDS };
  const database = await openDatabase({ ...settings, poolSize: 2 });
  await migrate(database, readVersion());
  await importMalls(database, toImportFile(malls, SEED), { encryptionKeys, isForced: true });
  const observer = new Client({ connectionString: postgres.url });
  await observer.connect();
  const started = await startBenchSimulator(folder, malls);
  const query = async <Row extends QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<Row[]> =>
    (await observer.query<Row>(sql, [...values])).rows;
  return {
    databaseUrl: postgres.url,
    database,
    postgresPid: await readPostgresPid(postgres),
    simulator: started.simulator,
    folder,
    environment: {
      MALLSYNC_DATABASE_URL: postgres.url,
      MALLSYNC_ENCRYPTION_KEYS: encryptionKeys,
      MALLSYNC_CAFE24_URL: started.simulator.cafe24Url,
      MALLSYNC_LOG_LEVEL: 'error',
    },
    query,
    async empty() {
      await query(`truncate mallsync.tb_member, mallsync.tb_batch_job_instance, mallsync.tb_coverage,
        mallsync.tb_batch_error_log, mallsync.tb_metric_total cascade`);
      await query('checkpoint');
    },
    async stop() {
      await started.stop();
      await observer.end();
      await database.close();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function readPostgresPid({ dataDir }: EmbeddedDatabase): Promise<number> {
  const lock = await readFile(join(dataDir, 'data', 'postmaster.pid'), 'utf8');
  return Number(lock.split('\n')[0]);
}

async function startBenchSimulator(
  folder: string,
  malls: readonly SimulatedMall[],
): Promise<{ readonly simulator: BenchSimulator; stop(): Promise<void> }> {
  const fleet = join(folder, 'fleet.json');
  await writeFile(fleet, JSON.stringify(malls));
  const started = startProgram(['simulator', '--port', '0', '--seed', String(SEED), '--fleet', fleet, '--json']);
  const [document] = await started.waitForOutput(/\{[\s\S]*\}\s*$/);
  const { url, cafe24Url } = JSON.parse(document) as BenchSimulator;
  return {
    simulator: { url, cafe24Url, pid: started.process.pid ?? 0 },
    async stop() {
      started.process.kill('SIGTERM');
      await started.finished;
    },
  };
}
