import { randomBytes } from 'node:crypto';
import { buildDemoFleet, toImportFile, type ImportedMall } from '../../src/simulator/demo-fleet.ts';
import { openPool, type ClusterDatabase } from './e2e-database.ts';
import { RELEASE, type Mallsync } from './e2e-install.ts';
import type { E2eNamespace } from './e2e-namespace.ts';

/** The PostgreSQL and the simulator of a trial as another installation sees them, and new keys of its own. */
export interface Surroundings {
  readonly secret: Readonly<Record<'url' | 'keys', string>>;
  /** From this machine. */
  readonly outsideUrl: string;
  readonly cafe24Url: string;
  /** Statements name the schema `mallsync`, whatever the installation's own is. */
  readonly query: ClusterDatabase['query'];
  close(): Promise<void>;
}

export interface Beside {
  /** Made where it is not there. */
  readonly database: string;
  readonly schema: string;
}

/** What an installation in another namespace needs of a trial to stand beside it. */
export async function openBeside(trial: E2eNamespace, mallsync: Mallsync, beside: Beside): Promise<Surroundings> {
  const { database, schema } = beside;
  const known = await mallsync.query('select from pg_database where datname = $1', [database]);
  if (known.length === 0) await mallsync.query(`create database "${database}"`);
  const outside = new URL(mallsync.databaseUrl);
  outside.pathname = `/${database}`;
  const inside = new URL(outside);
  inside.host = `${RELEASE}-postgres.${trial.namespace}.svc:5432`;
  const pool = openPool(outside.href);
  return {
    secret: { url: inside.href, keys: `e2e:${randomBytes(32).toString('base64')}` },
    outsideUrl: outside.href,
    cafe24Url: `http://${RELEASE}-simulator.${trial.namespace}.svc:18080/{mall_id}`,
    query: (sql, values) => pool.query(sql.replaceAll('mallsync.tb_', `${schema}.tb_`), values),
    close: () => pool.close(),
  };
}

/** The demo's mall of this number, as `malls import` takes it. */
export function buildImport(mallId: number, labels: Readonly<Record<string, string>> = {}): ImportedMall {
  const mall = toImportFile(buildDemoFleet(1)).find((each) => each.mallId === mallId);
  if (mall === undefined) throw new Error(`the demo has no mall ${mallId}`);
  return { ...mall, labels: { ...mall.labels, ...labels } };
}
