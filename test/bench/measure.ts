import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { BenchWorld } from './bench-world.ts';
import { readEndedChildrenMicros, readFamilyMicros, readPeakMib } from './process-usage.ts';

/** What one competitor did once; microseconds are of processor time, a row. */
export interface Sample {
  readonly rowsPerSecond: number;
  readonly clientMicros: number;
  readonly serverMicros: number;
  readonly simulatorMicros: number;
}

export interface MeasuredProgram {
  readonly stdout: string;
  readonly seconds: number;
  readonly peakMib: number;
}

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const NO_LIMITS = new URL('./no-limits.ts', import.meta.url).href;
const POLL_MS = 10;
/** What has ended is in the books of its parent by then. */
const SETTLE_MS = 150;

export interface StartedProgram {
  readonly child: ChildProcess;
  /** Resolves when the process has ended in any way. */
  readonly ended: Promise<MeasuredProgram & { readonly exitCode: number | null; readonly stderr: string }>;
}

/** A process of the program that the API's limits do not hold up. */
export function startMeasured(
  { environment }: Pick<BenchWorld, 'environment'>,
  args: readonly string[],
  nodeFlags: readonly string[] = [],
): StartedProgram {
  const startMs = performance.now();
  const child = spawn(process.execPath, [...nodeFlags, '--import', NO_LIMITS, MAIN, ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  let peakMib = 0;
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  }
  const poll = setInterval(() => (peakMib = readPeakMib(child.pid ?? 0) ?? peakMib), POLL_MS);
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => clearInterval(poll));
  const ended = closed.then((exitCode) => ({
    ...output,
    exitCode,
    peakMib,
    seconds: (performance.now() - startMs) / 1_000,
  }));
  return { child, ended };
}

/** The same to its end. @throws when it fails, with what it said */
export async function runMeasured(
  world: Pick<BenchWorld, 'environment'>,
  args: readonly string[],
  nodeFlags: readonly string[] = [],
): Promise<MeasuredProgram> {
  const end = await startMeasured(world, args, nodeFlags).ended;
  if (end.exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${end.exitCode}: ${end.stdout}${end.stderr}`);
  return end;
}

/** Measures `work`, which writes `rows` rows and may say for itself how long that took. */
export async function measure(world: BenchWorld, rows: number, work: () => Promise<number | void>): Promise<Sample> {
  await sleep(SETTLE_MS);
  const before = readUsage(world);
  const startMs = performance.now();
  const ownSeconds = await work();
  const seconds = ownSeconds ?? (performance.now() - startMs) / 1_000;
  await sleep(SETTLE_MS);
  const after = readUsage(world);
  return {
    rowsPerSecond: rows / seconds,
    clientMicros: (after.client - before.client) / rows,
    serverMicros: (after.server - before.server) / rows,
    simulatorMicros: (after.simulator - before.simulator) / rows,
  };
}

/** The client is this process, or children that it has waited for. */
function readUsage(world: BenchWorld): { client: number; server: number; simulator: number } {
  const { user, system } = process.cpuUsage();
  return {
    client: user + system + readEndedChildrenMicros(),
    server: readFamilyMicros(world.postgresPid),
    simulator: readFamilyMicros(world.simulator.pid),
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export function medianSample(samples: readonly Sample[]): Sample {
  const of = (name: keyof Sample): number => median(samples.map((sample) => sample[name]));
  return {
    rowsPerSecond: of('rowsPerSecond'),
    clientMicros: of('clientMicros'),
    serverMicros: of('serverMicros'),
    simulatorMicros: of('simulatorMicros'),
  };
}
