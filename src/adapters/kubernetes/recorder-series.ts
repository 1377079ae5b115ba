import type { Notice } from '../../controller/cluster.ts';
import type { MallSync } from '../../controller/mall-sync.ts';
import type { Clock } from '../../domain/clock.ts';
import { toEventName, type EventRecord } from './recorder-event.ts';

const REPEATS_WITHIN_MS = 600_000;
const MOST_REMEMBERED = 4_096;

/** One Event in the making: it exists in the cluster once `isWritten`. */
export interface EventSeries extends EventRecord {
  name: string;
  lastAtMs: number;
  count: number;
  isWritten: boolean;
  isQueued: boolean;
}

/** The same told again within ten minutes is one Event that counts. */
export interface SeriesMemory {
  /** The series that a notice belongs to, counted already. */
  note(mallSync: Pick<MallSync, 'name' | 'uid'>, notice: Notice): EventSeries;
  forget(series: EventSeries): void;
}

/** @param createSuffix unique over all processes; letters and digits in lower case */
export function createSeriesMemory(clock: Clock, createSuffix: () => string): SeriesMemory {
  const remembered = new Map<string, { readonly series: EventSeries; readonly seenMs: number }>();

  const remember = (key: string, series: EventSeries): EventSeries => {
    // last in the order of the map, so that the first is the one not seen for longest
    remembered.delete(key);
    remembered.set(key, { series, seenMs: clock.monotonicMs() });
    for (const oldest of remembered.keys()) {
      if (remembered.size <= MOST_REMEMBERED) break;
      remembered.delete(oldest);
    }
    return series;
  };
  return {
    note(mallSync, notice) {
      const key = toKey(mallSync, notice);
      const known = remembered.get(key);
      const atMs = clock.nowMs();
      if (known !== undefined && clock.monotonicMs() - known.seenMs <= REPEATS_WITHIN_MS) {
        known.series.count += 1;
        known.series.lastAtMs = atMs;
        return remember(key, known.series);
      }
      const { name, uid } = mallSync;
      return remember(key, {
        name: toEventName(name, createSuffix()),
        mallSync: { name, uid },
        notice,
        firstAtMs: atMs,
        lastAtMs: atMs,
        count: 1,
        isWritten: false,
        isQueued: false,
      });
    },
    forget: ({ mallSync, notice }) => void remembered.delete(toKey(mallSync, notice)),
  };
}

function toKey({ uid }: Pick<MallSync, 'uid'>, { type, reason, message }: Notice): string {
  return [uid, type, reason, message].join('\n');
}
