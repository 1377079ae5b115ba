import { createServer } from 'node:http';
import { once } from 'node:events';
import { buildBenchMall, openBenchWorld, ROWS_A_DAY, type BenchWorld } from './bench-world.ts';
import { median, runMeasured, startMeasured } from './measure.ts';
import { toBenchPeriod } from './member-rows.ts';
import { judge, toDigits, type SuiteOptions, type SuiteResult } from './suite.ts';

const DAYS = [1, 10, 100];
const MOST_MIB = 150;
/** More than this beside the smallest load is not flat. */
const MOST_GROWTH_MIB = 15;
const MOST_START_SECONDS = 0.6;

/** The peak memory of one `sync` process by rows, and how long it takes from its start to its first API request. */
export async function runMemorySuite({ runs, isQuick, note }: SuiteOptions): Promise<SuiteResult> {
  const world = await openBenchWorld([buildBenchMall('bench-1')]);
  try {
    const peaks = new Map<number, number[]>(DAYS.slice(0, isQuick ? 2 : 3).map((days) => [days, []]));
    const starts: number[] = [];
    for (let run = 0; run < runs; run++) {
      note(`memory ${run + 1} of ${runs}`);
      for (const [days, of] of peaks) of.push(await measurePeak(world, days));
      for (let more = 0; more < 2; more++) starts.push(await measureStart(world));
    }
    return summarise(peaks, starts);
  } finally {
    await world.stop();
  }
}

function toSyncArgs(days: number): readonly string[] {
  const { startDate, endDate } = toBenchPeriod(days);
  return [
    'sync',
    '--mall-id',
    '1',
    '--domain-type',
    'MEMBER',
    '--start-date',
    startDate,
    '--end-date',
    endDate,
    '--json',
  ];
}

async function measurePeak(world: BenchWorld, days: number): Promise<number> {
  await world.empty();
  const { stdout, peakMib } = await runMeasured(world, toSyncArgs(days));
  const { inserted } = JSON.parse(stdout) as { readonly inserted: number };
  if (inserted !== days * ROWS_A_DAY) throw new Error(`${inserted} of ${days * ROWS_A_DAY} rows inserted`);
  return peakMib;
}

/** Seconds until a server in the API's place sees the first request of a `sync` that has its token already. */
async function measureStart(world: BenchWorld): Promise<number> {
  await world.empty();
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const environment = { ...world.environment, MALLSYNC_CAFE24_URL: `http://127.0.0.1:${port}/{mall_id}` };
  const startMs = performance.now();
  const started = startMeasured({ environment }, toSyncArgs(1));
  await Promise.race([once(server, 'request'), started.ended]);
  const seconds = (performance.now() - startMs) / 1_000;
  started.child.kill('SIGKILL');
  await started.ended;
  server.closeAllConnections();
  server.close();
  return seconds;
}

function summarise(peaks: ReadonlyMap<number, readonly number[]>, starts: readonly number[]): SuiteResult {
  const rows = Array.from(peaks, ([days, of]) => ({
    what: `peak RSS of \`sync\`, ${(days * ROWS_A_DAY).toLocaleString('en')} rows`,
    median: `${toDigits(median(of))} MiB`,
    largest: `${toDigits(Math.max(...of))} MiB`,
  }));
  const medians = Array.from(peaks.values(), median);
  const growth = Math.max(...medians) - (medians[0] ?? 0);
  const start = {
    what: '`sync` from the start of the process to its first API request',
    median: `${toDigits(median(starts))} s`,
    largest: `${toDigits(Math.max(...starts))} s`,
  };
  return {
    title: 'Memory and start',
    rows: [...rows, start],
    goals: [
      judge('peak RSS of `sync`', Math.max(...medians), 'at most', MOST_MIB, 'MiB'),
      judge('growth of it with the rows', growth, 'at most', MOST_GROWTH_MIB, 'MiB'),
      judge('start to first API request', median(starts), 'at most', MOST_START_SECONDS, 's'),
    ],
    samples: { peaks: Object.fromEntries(peaks), starts },
  };
}
