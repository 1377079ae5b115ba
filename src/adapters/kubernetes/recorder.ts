import { ClusterError, isClusterError } from '../../controller/cluster-error.ts';
import type { Notice, Recorder } from '../../controller/cluster.ts';
import type { Clock } from '../../domain/clock.ts';
import { createEventAllowance } from './recorder-allowance.ts';
import { buildEvent, buildSeries } from './recorder-event.ts';
import { createSeriesMemory, type EventSeries } from './recorder-series.ts';
import { toResourcePath } from './resource-path.ts';
import type { KubeClient } from './transport/kube-client.ts';

const MOST_QUEUED = 1_000;
const TRIES = 4;
const FIRST_RETRY_MS = 1_000;

/** An Event that was not written. */
export interface LostEvent {
  readonly mallSyncName: string;
  readonly notice: Notice;
  /**
   * `rate`: its object has had its share; `queue`: too many wait; `refused`: the server would not, or could not;
   * `end`: the process ends.
   */
  readonly why: 'rate' | 'queue' | 'refused' | 'end';
  readonly error: unknown;
}

export interface RecorderOptions {
  readonly client: Pick<KubeClient, 'call'>;
  readonly clock: Clock;
  readonly namespace: string;
  /** The pod's name. */
  readonly instance: string;
  /** Unique over all processes; letters and digits in lower case. */
  readonly createSuffix: () => string;
  readonly onLost: (lost: LostEvent) => void;
}

export interface EventRecorder extends Recorder {
  /** Resolves when all is written or given up; what is left when the signal aborts is lost. */
  drain(signal: AbortSignal): Promise<void>;
}

/** Writes Events one after another behind the caller's back; repeats of one are counted in it. */
export function createEventRecorder(options: RecorderOptions): EventRecorder {
  const series = createSeriesMemory(options.clock, options.createSuffix);
  const allowance = createEventAllowance(options.clock);
  const queue: EventSeries[] = [];
  const ending = new AbortController();
  let writing: Promise<void> | null = null;

  const lose = (one: EventSeries, why: LostEvent['why'], error: unknown = null): void => {
    // the next time it is told it begins anew
    series.forget(one);
    options.onLost({ mallSyncName: one.mallSync.name, notice: one.notice, why, error });
  };
  const writeAll = async (): Promise<void> => {
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
      one.isQueued = false;
      try {
        await writeWithRetries(options, one, ending.signal);
      } catch (error) {
        lose(one, ending.signal.aborted ? 'end' : 'refused', error);
      }
    }
    writing = null;
  };

  return {
    record(mallSync, notice) {
      const one = series.note(mallSync, notice);
      if (one.isQueued) return;
      if (!allowance.take(mallSync.uid)) {
        // a repeat is told with the next one that may be
        if (!one.isWritten) lose(one, 'rate');
        return;
      }
      if (queue.length >= MOST_QUEUED) return lose(one, 'queue');
      one.isQueued = true;
      queue.push(one);
      writing ??= writeAll();
    },
    async drain(signal) {
      const end = (): void => ending.abort(signal.reason);
      if (signal.aborted) end();
      signal.addEventListener('abort', end, { once: true });
      await writing;
      signal.removeEventListener('abort', end);
    },
  };
}

async function writeWithRetries(options: RecorderOptions, one: EventSeries, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      signal.throwIfAborted();
      await write(options, one, signal);
      return;
    } catch (error) {
      if (signal.aborted || attempt >= TRIES || !(error instanceof ClusterError && error.isTransient)) throw error;
      await options.clock.sleep(error.retryAfterMs ?? FIRST_RETRY_MS * 2 ** (attempt - 1), signal);
    }
  }
}

async function write(options: RecorderOptions, one: EventSeries, signal: AbortSignal): Promise<void> {
  const { client, namespace, instance } = options;
  if (one.isWritten) {
    const path = toResourcePath('events', namespace, one.name);
    const body = { series: buildSeries(one) };
    try {
      await client.call({ verb: 'patch', path, contentType: 'application/merge-patch+json', body }, signal);
      return;
    } catch (error) {
      // Events live for an hour by default: this one is begun anew
      if (!isClusterError(error, 'not-found')) throw error;
    }
  }
  const path = toResourcePath('events', namespace);
  try {
    await client.call({ verb: 'create', path, body: buildEvent(one, namespace, instance) }, signal);
  } catch (error) {
    // the answer to an earlier try was lost
    if (!isClusterError(error, 'already-exists')) throw error;
  }
  one.isWritten = true;
}
