import { setTimeout as sleep } from 'node:timers/promises';
import { startProgram } from '../support/program.ts';
import { buildBenchMall, openBenchWorld, type BenchWorld } from './bench-world.ts';
import { toBenchPeriod } from './member-rows.ts';
import { judge, type SuiteOptions, type SuiteResult } from './suite.ts';

const LATENCIES_MS = [100, 900];
const LEAST_USED_PERCENT = 97;
const ENDPOINT = 'customersprivacy';

interface RateSample {
  readonly latencyMs: number;
  readonly calls: number;
  readonly usedPercent: number;
  readonly refused: number;
  readonly mostPerSecond: number;
}

interface MallStats {
  readonly endpoints: Readonly<Record<string, { readonly calls: number; readonly permittedCallsUsed: number }>>;
  readonly tooManyRequests: number;
  readonly maxCallsPerSecond: number;
}

/** How much of what a bucket of 40 and 2 calls a second permit `sync` uses, and how many of its calls are refused. */
export async function runRateSuite({ isQuick, note }: SuiteOptions): Promise<SuiteResult> {
  const seconds = isQuick ? 40 : 90;
  note(`rate: ${seconds} seconds`);
  const behaviourOf = (latencyMs: number) => ({ behaviour: { latencyMs }, membersPerDay: 7_000 });
  const world = await openBenchWorld(LATENCIES_MS.map((ms) => buildBenchMall(`bench-${ms}`, behaviourOf(ms))));
  try {
    const samples = await Promise.all(LATENCIES_MS.map((ms, index) => measureRate(world, index + 1, ms, seconds)));
    return summarise(samples);
  } finally {
    await world.stop();
  }
}

async function measureRate(world: BenchWorld, mallId: number, latencyMs: number, seconds: number): Promise<RateSample> {
  const { startDate, endDate } = toBenchPeriod(100);
  const period = ['--start-date', startDate, '--end-date', endDate];
  const started = startProgram(
    ['sync', '--mall-id', String(mallId), '--domain-type', 'MEMBER', ...period],
    world.environment,
  );
  await sleep(seconds * 1_000);
  const answer = await fetch(`${world.simulator.url}/_simulator/stats`);
  const stats = (await answer.json()) as Readonly<Record<string, MallStats>>;
  started.process.kill('SIGTERM');
  const { exitCode, stderr } = await started.finished;
  const mall = stats[`bench-${latencyMs}`];
  const list = mall?.endpoints[ENDPOINT];
  if (mall === undefined || list === undefined || exitCode !== 143) throw new Error(`no calls were made: ${stderr}`);
  return {
    latencyMs,
    calls: list.calls,
    usedPercent: list.permittedCallsUsed * 100,
    refused: mall.tooManyRequests,
    mostPerSecond: mall.maxCallsPerSecond,
  };
}

function summarise(samples: readonly RateSample[]): SuiteResult {
  return {
    title: 'Rate-bound: bucket of 40, 2 calls a second',
    rows: samples.map((sample) => ({
      what: `latency ${sample.latencyMs} ms`,
      calls: String(sample.calls),
      'used of permitted': `${sample.usedPercent.toFixed(1)} %`,
      'answers 429': String(sample.refused),
      'most calls in a second': String(sample.mostPerSecond),
    })),
    goals: samples.flatMap((sample) => [
      judge(`used of permitted at ${sample.latencyMs} ms`, sample.usedPercent, 'at least', LEAST_USED_PERCENT, '%'),
      judge(`answers 429 at ${sample.latencyMs} ms`, sample.refused, 'at most', 0, ''),
    ]),
    samples,
  };
}
