import { judge, toDigits, type Goal, type SuiteResult, type TableRow } from '../suite.ts';
import type { Scenario, ScenarioResult } from './scenario.ts';

/** What a good Go controller does on 2 cores shared with API server and etcd, and what is asked of ours. */
export interface Reference {
  readonly createdSeconds?: number;
  readonly settledSeconds?: number;
  readonly firstJobMs?: { readonly p50: number; readonly p99: number };
}

const MOST = { callsPerJob: 2.5, connections: 3, peakMib: 180, cpuSeconds: 13, idleCalls: 0 } as const;
const GO = { callsPerJob: 2.3, connections: 1, peakMib: 62, cpuSeconds: 4.3, idleCalls: 0 } as const;

export interface Measured {
  readonly scenario: Scenario;
  readonly reference: Reference;
  readonly result: ScenarioResult;
}

export function toSuiteResult(measured: readonly Measured[]): SuiteResult {
  return {
    title: 'Controller: MallSyncs to Jobs to recorded outcomes, against a real API server',
    rows: measured.flatMap(toRows),
    goals: measured.flatMap(toGoals),
    samples: measured,
  };
}

function toRows({ scenario: { name }, reference, result }: Measured): readonly TableRow[] {
  const row = (what: string, value: string, go = ''): TableRow => ({ scenario: name, what, measured: value, Go: go });
  const number = (value: number | undefined): string => (value === undefined ? '' : toDigits(value));
  return [
    row('first create to last Job created, s', number(result.createdSeconds), number(reference.createdSeconds)),
    row('Jobs created a second', number(result.jobs / result.createdSeconds)),
    row('to all settled and all finalizers gone, s', number(result.settledSeconds), number(reference.settledSeconds)),
    row(
      'MallSync created to its first Job, p50 / p99 ms',
      `${result.firstJobMs.p50.toFixed(0)} / ${result.firstJobMs.p99.toFixed(0)}`,
      reference.firstJobMs === undefined ? '' : `${reference.firstJobMs.p50} / ${reference.firstJobMs.p99}`,
    ),
    row('calls a Job', number(result.callsPerJob), number(GO.callsPerJob)),
    row('409s / other refusals', `${result.conflicts} / ${result.refusals}`),
    row('calls', result.calls.map(([kind, count]) => `${count} ${kind}`).join(', ')),
    row('connections opened', String(result.connections), String(GO.connections)),
    row('peak memory, MiB', number(result.peakMib), String(GO.peakMib)),
    row('processor time, s', number(readControllerSeconds(result)), number(GO.cpuSeconds)),
    row('processor time of the rest, s', describeRest(result)),
    ...(result.idleCallsPerMinute === null
      ? []
      : [row('calls a minute when idle', [result.idleCallsPerMinute, ...result.idleCalls].join(' '), '0')]),
  ];
}

function toGoals({ scenario: { name }, reference, result }: Measured): readonly Goal[] {
  const most = (what: string, value: number, limit: number, unit: string): Goal =>
    judge(`${name}: ${what}`, value, 'at most', limit, unit);
  const { settledSeconds, firstJobMs } = reference;
  return [
    ...(settledSeconds === undefined ? [] : [most('all settled', result.settledSeconds, settledSeconds, 's')]),
    ...(firstJobMs === undefined ? [] : [most('first Job p99', result.firstJobMs.p99, firstJobMs.p99, 'ms')]),
    most('calls a Job', result.callsPerJob, MOST.callsPerJob, 'calls'),
    most('connections', result.connections, MOST.connections, 'opened'),
    most('peak memory', result.peakMib, MOST.peakMib, 'MiB'),
    most('processor time', readControllerSeconds(result), MOST.cpuSeconds, 's'),
    ...(result.idleCallsPerMinute === null
      ? []
      : [most('idle', result.idleCallsPerMinute, MOST.idleCalls, 'calls a minute besides the Lease')]),
  ];
}

function readControllerSeconds({ processor }: ScenarioResult): number {
  return processor.byName['controller'] ?? NaN;
}

function describeRest({ processor: { byName, others, stolen } }: ScenarioResult): string {
  const rest = Object.entries({ ...byName, 'all else on the machine': others, stolen });
  return rest
    .filter(([name]) => name !== 'controller')
    .map(([name, seconds]) => `${name} ${toDigits(seconds)}`)
    .join(', ');
}
