import { buildBenchMall, openBenchWorld, type BenchWorld } from './bench-world.ts';
import { runMeasured } from './measure.ts';
import { readPeakMib } from './process-usage.ts';
import { startProgram } from '../support/program.ts';

/** What docs/scaling.md states as measured: `node test/bench/scale.ts`. */

const DAY = ['--start-date', '2025-12-01T00:00:00', '--end-date', '2025-12-02T00:00:00'];
const NIGHTS = [100, 1_000, 10_000, 50_000, 100_000];
const STORED = { membersPerDay: 25_000, ordersPerDay: 10_000, itemsPerOrder: 3, days: 8 };
const POLL_MS = 10;

const TABLES = ['tb_member', 'tb_order', 'tb_order_item'];

function toLine(cells: readonly (string | number)[]): string {
  return `| ${cells.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en') : cell)).join(' | ')} |\n`;
}

/** One `sync` under the API's limits, with the most memory and connections that it ever had. */
async function measureSync(world: BenchWorld, mallId: number, domainType: string) {
  const startMs = performance.now();
  const args = ['sync', '--json', '--mall-id', String(mallId), '--domain-type', domainType, ...DAY];
  const { process: child, finished } = startProgram(args, world.environment);
  let [peakMib, connections] = [0, 0];
  while (child.exitCode === null && child.signalCode === null) {
    peakMib = Math.max(peakMib, readPeakMib(child.pid ?? 0) ?? 0);
    const [open] = await world.query<{ n: number }>(
      `select count(*)::integer as n from pg_stat_activity where application_name = 'mallsync sync'`,
    );
    connections = Math.max(connections, open?.n ?? 0);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const { exitCode, stdout, stderr } = await finished;
  if (exitCode !== 0) throw new Error(stderr);
  const { read, pages, apiCalls } = JSON.parse(stdout) as Readonly<Record<'read' | 'pages' | 'apiCalls', number>>;
  return { read, pages, apiCalls, seconds: (performance.now() - startMs) / 1_000, peakMib, connections };
}

async function measureNights(): Promise<void> {
  const malls = NIGHTS.map((rows) =>
    buildBenchMall(`night-${rows}`, { membersPerDay: rows, ordersPerDay: rows / 10, behaviour: { latencyMs: 150 } }),
  );
  const world = await openBenchWorld(malls);
  try {
    process.stdout.write(toLine(['one Job', 'rows', 'pages', 'API calls', 's', 'peak MiB', 'connections']));
    process.stdout.write(toLine(['---', '---:', '---:', '---:', '---:', '---:', '---:']));
    for (const [index] of NIGHTS.entries()) {
      for (const domainType of index < 3 ? ['MEMBER', 'ORDER', 'SALES'] : ['MEMBER']) {
        const { read, pages, apiCalls, seconds, peakMib, connections } = await measureSync(
          world,
          index + 1,
          domainType,
        );
        const cells = [read, pages, apiCalls, seconds.toFixed(1), peakMib.toFixed(0), connections];
        process.stdout.write(toLine([domainType, ...cells]));
      }
    }
  } finally {
    await world.stop();
  }
}

/** Bytes of a row with its indexes, and of an execution with its windows. */
async function measureSizes(): Promise<void> {
  const { days, ...rows } = STORED;
  const world = await openBenchWorld([buildBenchMall('sizes', rows)]);
  try {
    const period = ['--start', '2025-12-01T00:00:00', '--end', `2025-12-0${days + 1}T00:00:00`];
    await runMeasured(world, ['run', '--json', '--malls', 'all', ...period]);
    await world.query('vacuum analyze');
    process.stdout.write(toLine(['table', 'rows', 'MB a million rows', 'of it indexes']));
    process.stdout.write(toLine(['---', '---:', '---:', '---:']));
    for (const table of TABLES) {
      const [size] = await world.query<{ n: number; total: number; indexes: number }>(
        `select (select count(*)::integer from mallsync.${table}) as n,
           pg_total_relation_size('mallsync.${table}')::float8 as total, pg_indexes_size('mallsync.${table}')::float8 as indexes`,
      );
      if (size === undefined || size.n === 0) throw new Error(`${table} is empty`);
      const toMegabytes = (bytes: number): number => Math.round(bytes / size.n);
      process.stdout.write(toLine([table, size.n, toMegabytes(size.total), toMegabytes(size.indexes)]));
    }
  } finally {
    await world.stop();
  }
}

await measureSizes();
process.stdout.write('\n');
await measureNights();
