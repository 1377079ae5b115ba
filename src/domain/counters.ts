/** The counters of an execution. `unchanged` and `stale` rows were seen and rightly not written. */
export interface Counters {
  readonly read: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly stale: number;
  readonly rejected: number;
  readonly duplicate: number;
  readonly pages: number;
  readonly apiCalls: number;
  readonly waitMs: number;
  readonly bytes: number;
}

export const NO_COUNTERS: Counters = {
  read: 0,
  inserted: 0,
  updated: 0,
  unchanged: 0,
  stale: 0,
  rejected: 0,
  duplicate: 0,
  pages: 0,
  apiCalls: 0,
  waitMs: 0,
  bytes: 0,
};

export function addCounters(a: Counters, b: Partial<Counters>): Counters {
  return {
    read: a.read + (b.read ?? 0),
    inserted: a.inserted + (b.inserted ?? 0),
    updated: a.updated + (b.updated ?? 0),
    unchanged: a.unchanged + (b.unchanged ?? 0),
    stale: a.stale + (b.stale ?? 0),
    rejected: a.rejected + (b.rejected ?? 0),
    duplicate: a.duplicate + (b.duplicate ?? 0),
    pages: a.pages + (b.pages ?? 0),
    apiCalls: a.apiCalls + (b.apiCalls ?? 0),
    waitMs: a.waitMs + (b.waitMs ?? 0),
    bytes: a.bytes + (b.bytes ?? 0),
  };
}
