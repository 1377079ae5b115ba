import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { buildCopyPage } from '../../src/adapters/postgres/copy-page.ts';
import { loadRowHash } from '../../src/datasets/row-hash.ts';
import { createDatasetStore } from '../../src/adapters/postgres/dataset-writer.ts';
import type { WritableRow } from '../../src/adapters/postgres/dataset-writer-rows.ts';
import { openDatabase } from '../../src/adapters/postgres/database.ts';
import { migrate } from '../../src/adapters/postgres/migrate.ts';
import { inTransaction } from '../../src/adapters/postgres/page-session.ts';
import { listCopyColumns } from '../../src/adapters/postgres/table.ts';
import { memberMapping } from '../../src/datasets/member/member-mapper.ts';
import { orderMapping } from '../../src/datasets/order/order-mapper.ts';
import { createTableMapper } from '../../src/datasets/table-mapper.ts';
import { readFileSync } from 'node:fs';
import { fetchPageTexts, parsePageText, type BenchDomain } from './writer-pages.ts';

/**
 * The writer alone, over one connection: parse, map, write; against COPY of the same lines into an empty table with the
 * same key. `node test/bench/writer-trial.ts --url postgres://… [--domain ORDER] [--rows 100000]`
 */
const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    domain: { type: 'string', default: 'MEMBER' },
    rows: { type: 'string', default: '100000' },
    runs: { type: 'string', default: '3' },
  },
});
const url = values.url ?? '';
const domain = values.domain as BenchDomain;
const rowCount = Number(values.rows);
const mapping = domain === 'MEMBER' ? memberMapping : orderMapping;
const child = mapping.child?.table ?? null;

const database = await openDatabase({ url, schema: 'mallsync', applicationName: 'bench', leaseSeconds: 30 });
await migrate(database, '0.1.0');
const observer = new Client({ connectionString: url });
await observer.connect();
const hash = await loadRowHash();
const mapper = createTableMapper(mapping, { pii: 'full', isErased: () => false }, hash);
const store = createDatasetStore({
  domainType: domain,
  schema: 'mallsync',
  table: mapping.table,
  child,
  hashKey: hash.hashText,
});
const pages = await fetchPageTexts(domain, rowCount);
const bytes = pages.reduce((sum, page) => sum + Buffer.byteLength(page), 0);
console.log(`${domain}: ${rowCount} rows, ${Math.round(bytes / rowCount)} bytes of JSON a row`);

function mapPage(text: string): WritableRow[] {
  const rows = parsePageText(domain, text);
  return rows.map((raw) => {
    const outcome = mapper.map(raw, null);
    if (outcome.kind !== 'row') throw new Error(JSON.stringify(outcome, (_, v: unknown) => typeof v === 'bigint' ? String(v) : v));
    return outcome.row;
  });
}

function backendCpuMicros(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

async function timed(name: string, pid: number, work: () => Promise<void>): Promise<number> {
  await observer.query('checkpoint');
  const server = backendCpuMicros(pid);
  const cpu = process.cpuUsage();
  const begin = performance.now();
  await work();
  const seconds = (performance.now() - begin) / 1000;
  const used = process.cpuUsage(cpu);
  const perRow = (micros: number): string => (micros / rowCount).toFixed(1).padStart(5);
  const rate = rowCount / seconds;
  console.log(
    `${name.padEnd(28)} ${Math.round(rate).toString().padStart(7)} rows/s  client ${perRow(used.user + used.system)} us  server ${perRow(backendCpuMicros(pid) - server)} us`,
  );
  return rate;
}

async function writeAll(observedAtMs: number): Promise<void> {
  const total = { inserted: 0, updated: 0, unchanged: 0, stale: 0 };
  for (const text of pages) {
    const rows = mapPage(text);
    const result = await inTransaction(database, (client) =>
      store.write(client, { mallId: 1, executionId: 1, observedAtMs }, rows),
    );
    if (result.refused.length > 0) throw new Error(JSON.stringify(result.refused[0]?.sqlState));
    for (const name of ['inserted', 'updated', 'unchanged', 'stale'] as const) total[name] += result[name];
  }
  if (total.inserted + total.updated + total.unchanged !== rowCount) throw new Error(JSON.stringify(total));
}

async function rawCopy(lines: readonly (readonly [string, Buffer])[]): Promise<void> {
  await database.withSession(async (client) => {
    for (const [sql, page] of lines) {
      await new Promise((resolve, reject) => {
        const stream = client.query(copyFrom(sql));
        stream.on('error', reject);
        stream.on('finish', resolve);
        stream.end(page);
      });
    }
  });
}

function buildRawLines(): (readonly [string, Buffer])[] {
  const context = { mallId: 1, executionId: 1, observedAtMs: 0 };
  return pages.flatMap((text) => {
    const rows = mapPage(text).map((row) => row.payload);
    const main = buildCopyPage(context, rows.map((row) => row.row), false);
    const sqlOf = (name: string, columns: readonly string[]): string => `copy x.${name} (${columns.join(',')}) from stdin`;
    const parent = [sqlOf(mapping.table.name, listCopyColumns(mapping.table)), main] as const;
    if (child === null) return [parent];
    const lines = buildCopyPage(context, rows.flatMap((row) => row.children), false);
    return [parent, [sqlOf(child.name, listCopyColumns(child)), lines] as const];
  });
}

const pid = await database.withSession(async (client) => {
  const answer = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return answer.rows[0]?.pid ?? 0;
});
const tables = [mapping.table, ...(child === null ? [] : [child])];
const raw = buildRawLines();
for (let run = 0; run < Number(values.runs); run++) {
  await observer.query('drop schema if exists x cascade; create schema x');
  for (const { name, keyColumns } of tables) {
    await observer.query(`create table x.${name} (like mallsync.${name} including defaults); alter table x.${name} add primary key (mall_id, ${keyColumns.join(', ')}); truncate mallsync.${name}`);
  }
  const ceiling = await timed('raw COPY', pid, () => rawCopy(raw));
  await timed('parse and map only', pid, async () => pages.forEach((page) => mapPage(page)));
  const first = await timed('first load', pid, () => writeAll(1_000_000));
  const again = await timed('unchanged', pid, () => writeAll(2_000_000));
  await observer.query(`update mallsync.${mapping.table.name} set content_hash = 0`);
  const changed = await timed('all changed', pid, () => writeAll(3_000_000));
  const percent = (rate: number): string => `${Math.round((rate / ceiling) * 100)} %`;
  console.log(`of raw COPY: first ${percent(first)}, unchanged ${percent(again)}, changed ${percent(changed)}; unchanged is ${(again / first).toFixed(2)} x first`);
}
await observer.end();
await database.close();
