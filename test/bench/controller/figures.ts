import type { AuditCall } from '../../support/audit-log.ts';

/** What one scenario came to, from the API server's point of view. Times in seconds but for the latencies. */
export interface Figures {
  readonly jobs: number;
  /** From the first MallSync's creation to the last Job's. */
  readonly createdSeconds: number;
  /** To the last finalizer taken off and the last status written. */
  readonly settledSeconds: number;
  /** From a MallSync's creation to that of its first Job, in milliseconds. */
  readonly firstJobMs: Percentiles;
  /** `create jobs` and the like, most frequent first; the Lease apart. */
  readonly calls: readonly (readonly [string, number])[];
  readonly callsPerJob: number;
  readonly conflicts: number;
  /** Answers of 400 and above but 409. */
  readonly refusals: number;
}

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

export interface Material {
  /** Of the controller, within the scenario. */
  readonly calls: readonly AuditCall[];
  /** When each MallSync was asked for, by the range of malls that it has. */
  readonly created: readonly { readonly atMs: number; readonly fromMall: number; readonly untilMall: number }[];
}

const CONFLICT = 409;
const REFUSED = 400;

export function toFigures({ calls, created }: Material): Figures {
  const ours = calls.filter(({ resource }) => resource !== 'leases');
  const jobs = ours.filter(({ verb, resource, code }) => verb === 'create' && resource === 'jobs' && code === 201);
  const writes = ours.filter(({ verb }) => verb === 'patch' || verb === 'update');
  const firstMs = Math.min(...created.map(({ atMs }) => atMs));
  return {
    jobs: jobs.length,
    createdSeconds: (maxOf(jobs) - firstMs) / 1000,
    settledSeconds: (maxOf(writes) - firstMs) / 1000,
    firstJobMs: toPercentiles(listFirstJobDelays(jobs, created)),
    calls: countByKind(ours),
    callsPerJob: ours.length / jobs.length,
    conflicts: ours.filter(({ code }) => code === CONFLICT).length,
    refusals: ours.filter(({ code }) => code >= REFUSED && code !== CONFLICT).length,
  };
}

function maxOf(calls: readonly AuditCall[]): number {
  return calls.reduce((most, { answeredAtMs }) => Math.max(most, answeredAtMs), 0);
}

/** A Job's name begins with `ms-<domain>-<mall>-`, and each MallSync has malls of its own. */
function listFirstJobDelays(jobs: readonly AuditCall[], created: Material['created']): readonly number[] {
  const firstOfMall = new Map<number, number>();
  for (const { name, answeredAtMs } of jobs) {
    const mall = Number(name.split('-')[2]);
    firstOfMall.set(mall, Math.min(answeredAtMs, firstOfMall.get(mall) ?? Infinity));
  }
  return created.flatMap(({ atMs, fromMall, untilMall }) => {
    const found = Array.from(firstOfMall).filter(([mall]) => mall >= fromMall && mall < untilMall);
    return found.length === 0 ? [] : [Math.min(...found.map(([, firstMs]) => firstMs)) - atMs];
  });
}

function countByKind(calls: readonly AuditCall[]): Figures['calls'] {
  const counts = new Map<string, number>();
  for (const { verb, resource } of calls) {
    const kind = `${verb} ${resource}`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].toSorted(([, a], [, b]) => b - a);
}

export function toPercentiles(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? NaN;
  return { p50: at(0.5), p99: at(0.99) };
}
