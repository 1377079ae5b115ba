import { once } from 'node:events';
import { Client } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { listCopyColumns } from '../../src/adapters/postgres/table.ts';
import { memberTable } from '../../src/datasets/member/member-table.ts';
import type { BenchWorld } from './bench-world.ts';

const BLOCK_BYTES = 256 * 1024;
const COLUMNS = listCopyColumns(memberTable).join(', ');

/** The stored members as COPY text, in the order in which they were written. */
export async function dumpMembers(world: BenchWorld): Promise<readonly Buffer[]> {
  const client = await connectRaw(world);
  const chunks: Buffer[] = [];
  const stream = client.query(copyTo(`copy (select ${COLUMNS} from mallsync.tb_member) to stdout`));
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(stream, 'end');
  // the stream ends before the connection is done with the copy; ended now, it would fail the copy after the fact
  await client.query('select').finally(() => client.end());
  return toBlocks(chunks);
}

/** pg hands out a line at a time; COPY is fastest with larger pieces. */
function toBlocks(lines: readonly Buffer[]): readonly Buffer[] {
  const whole = Buffer.concat(lines);
  const count = Math.ceil(whole.length / BLOCK_BYTES);
  return Array.from({ length: count }, (_, n) => whole.subarray(n * BLOCK_BYTES, (n + 1) * BLOCK_BYTES));
}

/** An empty table with the columns and the primary key of the members' own, and nothing else. */
export async function createRawTable(world: BenchWorld, name: string): Promise<void> {
  await world.query(`drop table if exists public.${name}`);
  await world.query(`create table public.${name} (like mallsync.tb_member including defaults,
    primary key (mall_id, shop_no, member_id))`);
  await world.query('checkpoint');
}

/** The ceiling: one COPY over one connection. @returns its seconds */
export async function copyRaw(client: Client, lines: readonly Buffer[]): Promise<number> {
  const startMs = performance.now();
  await new Promise<void>((resolve, reject) => {
    const stream = client.query(copyFrom(`copy public.raw (${COLUMNS}) from stdin`));
    stream.on('error', reject);
    stream.on('finish', resolve);
    void writeAll(stream, lines).catch(reject);
  });
  return (performance.now() - startMs) / 1_000;
}

export async function connectRaw(world: BenchWorld): Promise<Client> {
  const client = new Client({ connectionString: world.databaseUrl });
  await client.connect();
  return client;
}

async function writeAll(stream: NodeJS.WritableStream, lines: readonly Buffer[]): Promise<void> {
  for (const chunk of lines) {
    if (!stream.write(chunk)) await new Promise((resolve) => stream.once('drain', resolve));
  }
  stream.end();
}
