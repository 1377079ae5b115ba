import { setTimeout as sleep } from 'node:timers/promises';
import { listFleetMetrics } from '../../../src/adapters/telemetry/metric-list.ts';
import { readSeries, toFamily, type Series } from '../../support/metrics-text.ts';

/** What all pods told at one moment. */
export interface Round {
  /** How many of them told of the fleet. */
  readonly tellers: number;
  /** Of the fleet's counters, over all pods. */
  readonly sums: Series;
}

export interface PodScrapes {
  readonly rounds: readonly Round[];
  /** Of the pods that are there from now on. */
  setPods(urls: readonly string[]): void;
  /** Resolves with the first round begun from now on that satisfies the condition. */
  next(condition: (round: Round) => boolean): Promise<Round>;
  stop(): Promise<void>;
}

const EVERY_MS = 150;
/** Of `_bucket`, `_sum` and `_count` each is a counter. */
const PARTS = /_(bucket|sum|count)$/;

/** Asks all pods at once for their metrics, again and again, as Prometheus does, but often. */
export async function startPodScrapes(): Promise<PodScrapes> {
  const counters = new Set(
    (await listFleetMetrics()).filter(({ type }) => type === 'counter' || type === 'histogram').map(({ name }) => name),
  );
  const isFleetCounter = (series: string): boolean => {
    const family = toFamily(series);
    return counters.has(family) || counters.has(family.replace(PARTS, ''));
  };
  const rounds: Round[] = [];
  const waiting = new Set<(round: Round) => void>();
  let begun = 0;
  let pods: readonly string[] = [];
  const over = new AbortController();

  const scrape = async (): Promise<void> => {
    while (!over.signal.aborted) {
      begun += 1;
      const told = await Promise.all(pods.map((url) => readSeries(url).catch((): Series => new Map())));
      const fleets = told.map((series) => new Map([...series].filter(([name]) => isFleetCounter(name))));
      const round = { tellers: fleets.filter(({ size }) => size > 0).length, sums: addUp(fleets) };
      rounds.push(round);
      for (const look of waiting) look(round);
      await sleep(EVERY_MS);
    }
  };
  const scraping = scrape();
  return {
    rounds,
    setPods(urls) {
      pods = urls;
    },
    next: (condition) =>
      new Promise((resolve) => {
        const underWay = begun;
        const look = (round: Round): void => {
          if (begun === underWay || !condition(round)) return;
          waiting.delete(look);
          resolve(round);
        };
        waiting.add(look);
      }),
    async stop() {
      over.abort();
      await scraping;
    },
  };
}

function addUp(all: readonly Series[]): Series {
  const sums = new Map<string, number>();
  for (const series of all) {
    for (const [text, value] of series) {
      const name = toSorted(text);
      sums.set(name, (sums.get(name) ?? 0) + value);
    }
  }
  return sums;
}

/** Labels are a set: in which order they come says nothing. */
function toSorted(series: string): string {
  const labels = series.match(/\w+="(?:[^"\\]|\\.)*"/g) ?? [];
  return labels.length === 0 ? series : `${toFamily(series)}{${labels.toSorted().join()}}`;
}

/** Each series that fell, or came to be missing, from one round that has the fleet to the next. */
export function listFalls(rounds: readonly Round[]): readonly string[] {
  const last = new Map<string, number>();
  return rounds
    .filter(({ tellers }) => tellers > 0)
    .flatMap(({ sums }, index) => {
      const falls = [...last].flatMap(([name, before]) => {
        const now = sums.get(name);
        return now !== undefined && now >= before
          ? []
          : [`round ${index}: ${name} from ${before} to ${now ?? 'nothing'}`];
      });
      for (const [name, value] of sums) last.set(name, value);
      return falls;
    });
}
