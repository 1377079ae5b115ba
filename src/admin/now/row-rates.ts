import type { RunningExecution } from '../../adapters/postgres/read-models/now-board.ts';

/** Long enough that a page which commits at once does not make the figure jump. */
const SPAN_MS = 10_000;

/** Rows per second of each running execution, by its id; null where nothing can be said yet. */
export type RowRates = ReadonlyMap<number, number | null>;

interface Reading {
  readonly atMs: number;
  readonly rows: ReadonlyMap<number, number>;
}

type CountedRun = Pick<RunningExecution, 'executionId' | 'read' | 'startedAtMs'>;

/** Over the whole run: what can be told from one reading. */
export function toAverageRates(running: readonly CountedRun[], nowMs: number): RowRates {
  return new Map(
    running.map(({ executionId, read, startedAtMs }) => {
      const seconds = startedAtMs === null ? 0 : (nowMs - startedAtMs) / 1_000;
      return [executionId, seconds < 1 ? null : read / seconds];
    }),
  );
}

/** Tells from each reading and those of the last ten seconds how fast rows come now. */
export function createRateMeter(): (running: readonly CountedRun[], nowMs: number) => RowRates {
  let readings: readonly Reading[] = [];
  return (running, nowMs) => {
    const latest: Reading = { atMs: nowMs, rows: new Map(running.map(({ executionId, read }) => [executionId, read])) };
    readings = [...readings.filter(({ atMs }) => nowMs - atMs <= SPAN_MS), latest];
    const averages = toAverageRates(running, nowMs);
    return new Map(
      running.map(({ executionId, read }) => {
        const oldest = readings.find(({ rows }) => rows.has(executionId));
        const seconds = (nowMs - (oldest?.atMs ?? nowMs)) / 1_000;
        if (seconds < 1) return [executionId, averages.get(executionId) ?? null];
        return [executionId, Math.max(0, read - (oldest?.rows.get(executionId) ?? read)) / seconds];
      }),
    );
  };
}
