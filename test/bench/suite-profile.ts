import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buildBenchMall, openBenchWorld, ROWS_A_DAY, type BenchWorld } from './bench-world.ts';
import { readClientProfile } from './client-profile.ts';
import { measure, runMeasured, type Sample } from './measure.ts';
import { toBenchPeriod } from './member-rows.ts';
import { toDigits, type SuiteOptions, type SuiteResult, type TableRow } from './suite.ts';

const SETTINGS = [
  'shared_preload_libraries=pg_stat_statements',
  'pg_stat_statements.track_planning=on',
  'pg_stat_statements.track_utility=on',
];
const MOST_ROWS = 12;
const LONGEST_STATEMENT = 70;

interface ServerProfile {
  readonly walBytes: number;
  readonly statements: readonly { readonly text: string; readonly calls: number; readonly micros: number }[];
}

interface Profile {
  readonly name: string;
  readonly sample: Sample;
  readonly parts: ReadonlyMap<string, number>;
  readonly server: ServerProfile;
}

/** Where the time of a first load and of an unchanged re-run goes; the profilers themselves slow both down. */
export async function runProfileSuite({ days, note }: SuiteOptions): Promise<SuiteResult> {
  const world = await openBenchWorld([buildBenchMall('bench-1')], SETTINGS);
  try {
    await world.query('create extension pg_stat_statements');
    const profiles: Profile[] = [];
    for (const name of ['first load', 'unchanged']) {
      note(`profile: ${name}`);
      profiles.push(await profileRun(world, name, days * 2));
    }
    return { title: 'Where the time goes', rows: toRows(profiles), goals: [], samples: profiles.map(toDocument) };
  } finally {
    await world.stop();
  }
}

async function profileRun(world: BenchWorld, name: string, days: number): Promise<Profile> {
  const rows = days * ROWS_A_DAY;
  const { startDate, endDate } = toBenchPeriod(days);
  const again = name === 'unchanged' ? ['--reprocess', '--reason', 'bench'] : [];
  const args = ['run', '--domain', 'MEMBER', '--start', startDate, '--end', endDate, '--json', ...again];
  const folder = join(world.folder, name.replace(' ', '-'));
  await mkdir(folder);
  await world.query('select pg_stat_statements_reset()');
  const walBefore = await readWalBytes(world);
  const sample = await measure(world, rows, async () => {
    await runMeasured(world, args, ['--cpu-prof', `--cpu-prof-dir=${folder}`]);
  });
  const walBytes = ((await readWalBytes(world)) - walBefore) / rows;
  const { byPart } = await readClientProfile(folder);
  const parts = new Map(Array.from(byPart, ([part, micros]) => [part, micros / rows]));
  return { name, sample, parts, server: { walBytes, statements: await readStatements(world, rows) } };
}

async function readWalBytes(world: BenchWorld): Promise<number> {
  const [row] = await world.query<{ bytes: string }>(`select pg_current_wal_insert_lsn() - '0/0' as bytes`);
  return Number(row?.bytes);
}

async function readStatements(world: BenchWorld, rows: number): Promise<ServerProfile['statements']> {
  const found = await world.query<{ query: string; calls: string; ms: number }>(`
    select query, calls, total_exec_time + total_plan_time as ms from pg_stat_statements
    where calls > 0 order by ms desc limit ${MOST_ROWS}`);
  return found.map(({ query, calls, ms }) => ({
    text: query.replaceAll(/[\s|]+/g, ' ').slice(0, LONGEST_STATEMENT),
    calls: Number(calls),
    micros: (ms * 1_000) / rows,
  }));
}

function toRows(profiles: readonly Profile[]): readonly TableRow[] {
  return profiles.flatMap(({ name, sample, parts, server }) => {
    const line = (what: string, value: string): TableRow => ({ what: `${name}: ${what}`, 'a row': value });
    const sorted = [...parts].sort(([, a], [, b]) => b - a).slice(0, MOST_ROWS);
    return [
      line('client, processor time in all', `${toDigits(sample.clientMicros)} µs`),
      ...sorted.map(([part, micros]) => line(`client main thread, ${part}`, `${toDigits(micros)} µs`)),
      line('PostgreSQL, processor time in all', `${toDigits(sample.serverMicros)} µs`),
      ...server.statements.map(({ text, calls, micros }) =>
        line(`PostgreSQL, elapsed in ${calls} × \`${text}\``, `${toDigits(micros)} µs`),
      ),
      line('WAL', `${toDigits(server.walBytes)} bytes`),
    ];
  });
}

function toDocument({ name, sample, parts, server }: Profile): unknown {
  return { name, sample, parts: Object.fromEntries(parts), server };
}
