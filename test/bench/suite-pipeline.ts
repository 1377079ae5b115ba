import { openBenchWorld, buildBenchMall, ROWS_A_DAY, type BenchWorld } from './bench-world.ts';
import { measure, median, medianSample, runMeasured, type Sample } from './measure.ts';
import { toBenchPeriod } from './member-rows.ts';
import { connectRaw, copyRaw, createRawTable, dumpMembers } from './raw-copy.ts';
import { judge, toSampleRow, type SuiteOptions, type SuiteResult } from './suite.ts';

const MALLS = 5;

interface Round {
  readonly raw: Sample;
  readonly first: Sample;
  readonly again: Sample;
}

/** Whole runs of the program against the simulator over HTTP, beside one COPY of the same rows. */
export async function runPipelineSuite({ runs, days, note }: SuiteOptions): Promise<SuiteResult> {
  const malls = Array.from({ length: MALLS }, (_, index) => buildBenchMall(`bench-${index + 1}`));
  const world = await openBenchWorld(malls);
  try {
    const one = await prepare(world, [1], days * 2);
    const five = await prepare(
      world,
      malls.map((_, index) => index + 1),
      days,
    );
    const rounds: { one: Round; five: Round }[] = [];
    for (let run = 0; run < runs; run++) {
      note(`pipeline ${run + 1} of ${runs}`);
      rounds.push({ one: await runRound(world, one), five: await runRound(world, five) });
    }
    return summarise(rounds);
  } finally {
    await world.stop();
  }
}

interface Load {
  readonly args: readonly string[];
  readonly rows: number;
  readonly lines: readonly Buffer[];
}

/** The first run also warms the simulator and the compile cache; the rows it stored are those of the raw COPY. */
async function prepare(world: BenchWorld, mallIds: readonly number[], days: number): Promise<Load> {
  const { startDate, endDate } = toBenchPeriod(days);
  const args = ['run', '--domain', 'MEMBER', '--malls', mallIds.join(','), '--start', startDate, '--end', endDate];
  const load = { args: [...args, '--json'], rows: mallIds.length * days * ROWS_A_DAY, lines: [] };
  await world.empty();
  await runProgram(world, load);
  return { ...load, lines: await dumpMembers(world) };
}

async function runRound(world: BenchWorld, load: Load): Promise<Round> {
  await createRawTable(world, 'raw');
  const client = await connectRaw(world);
  const raw = await measure(world, load.rows, () => copyRaw(client, load.lines)).finally(() => client.end());
  await world.query('truncate public.raw');
  await world.empty();
  const first = await measure(world, load.rows, () => runProgram(world, load, 'inserted'));
  await world.query('checkpoint');
  const again = await measure(world, load.rows, () => runProgram(world, load, 'unchanged'));
  return { raw, first, again };
}

interface RunDocument {
  readonly totals: Readonly<Record<'inserted' | 'unchanged' | 'completed', number>>;
  readonly seconds: number;
}

/** @returns the run's own seconds: all of it but the start of the process */
async function runProgram(
  world: BenchWorld,
  { args, rows }: Load,
  expected: 'inserted' | 'unchanged' = 'inserted',
): Promise<number> {
  const again = expected === 'unchanged' ? ['--reprocess', '--reason', 'bench'] : [];
  const { stdout } = await runMeasured(world, [...args, ...again]);
  const { totals, seconds } = JSON.parse(stdout) as RunDocument;
  if (totals[expected] !== rows) throw new Error(`${totals[expected]} of ${rows} rows ${expected}: ${stdout}`);
  return seconds;
}

function summarise(rounds: readonly { readonly one: Round; readonly five: Round }[]): SuiteResult {
  const of = (load: 'one' | 'five', part: keyof Round): Sample =>
    medianSample(rounds.map((round) => round[load][part]));
  const ratio = (load: 'one' | 'five', part: keyof Round, to: keyof Round): number =>
    median(rounds.map((round) => round[load][part].rowsPerSecond / round[load][to].rowsPerSecond));
  const cpu = (load: 'one' | 'five', part: keyof Round): number =>
    of(load, part).clientMicros + of(load, part).serverMicros;
  const row = (name: string, load: 'one' | 'five', part: keyof Round) =>
    toSampleRow(name, of(load, part), ratio(load, part, 'raw'));
  return {
    title: 'Whole pipeline: `run` over HTTP, no rate limit',
    rows: [
      row('raw COPY, one connection (rows of 1 mall)', 'one', 'raw'),
      row('1 mall, first load', 'one', 'first'),
      row('1 mall, unchanged', 'one', 'again'),
      row('raw COPY, one connection (rows of 5 malls)', 'five', 'raw'),
      row('5 malls, first load', 'five', 'first'),
      row('5 malls, unchanged', 'five', 'again'),
    ],
    goals: [
      judge('5 malls, first load, of raw COPY', ratio('five', 'first', 'raw') * 100, 'at least', 65, '%'),
      judge('1 mall, first load, of raw COPY', ratio('one', 'first', 'raw') * 100, 'at least', 50, '%'),
      judge('5 malls, unchanged, of first load', ratio('five', 'again', 'first'), 'at least', 1.2, 'x'),
      judge('1 mall, unchanged, of first load', ratio('one', 'again', 'first'), 'at least', 1.2, 'x'),
      judge('5 malls, first load, CPU client + server', cpu('five', 'first'), 'at most', 30, 'µs a row'),
      judge('1 mall, first load, CPU client + server', cpu('one', 'first'), 'at most', 30, 'µs a row'),
    ],
    samples: rounds,
  };
}
