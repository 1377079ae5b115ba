import { untilAborted } from '../../adapters/kubernetes/transport/deadline.ts';
import { createControllerLedger } from '../../adapters/postgres/controller-ledger.ts';
import { drawEpoch } from '../../adapters/postgres/controller-term.ts';
import type { Database } from '../../adapters/postgres/database.ts';
import type { Logger } from '../../adapters/telemetry/log.ts';
import type { ControllerMetrics } from '../../adapters/telemetry/controller-metrics.ts';
import type { Cluster, ClusterView, Recorder } from '../../controller/cluster.ts';
import type { Clock } from '../../domain/clock.ts';
import { SyncError } from '../../domain/errors.ts';
import type { CommandIo } from '../command.ts';
import type { ControllerSettings } from './controller-settings.ts';
import { runRequestLoop } from './request-loop.ts';
import { watchSchedule } from './schedule-watch.ts';
import type { Term, TermParts } from './term.ts';
import { createTerm, LOOPS } from './term.ts';

export interface LeadParts {
  readonly settings: ControllerSettings;
  readonly io: CommandIo;
  readonly database: Database;
  readonly log: Logger;
  readonly namespace: string;
  readonly installationId: string;
  readonly identity: string;
  readonly cluster: Cluster;
  readonly view: ClusterView;
  readonly recorder: Recorder;
  readonly metrics: Pick<ControllerMetrics, 'work' | 'trackWork' | 'noteTerm'>;
  readonly clock: Clock;
  readonly subscribe: TermParts['subscribe'];
  /** Null when the term has ended. */
  readonly onTerm: (term: Term | null) => void;
}

const DRAW_AGAIN_MS = 1_000;

/**
 * One term, from the epoch that bars all earlier ones to the last drained look.
 * @returns false when work was still under way at the end of the drain time
 * @throws LeaseLostError when the leadership ended first
 */
export async function lead(parts: LeadParts, leading: AbortSignal): Promise<boolean> {
  const { database, installationId, namespace, log, metrics, io } = parts;
  const epoch = await drawUntilDrawn(parts, AbortSignal.any([leading, io.signal]));
  if (epoch === null) return true;
  log.info('leading', { epoch });
  metrics.noteTerm(epoch);
  const ledger = createControllerLedger({ database, installationId, namespace, epoch });
  const term = createTerm({ ...parts, ledger, observe: (loop) => metrics.work(loop) });
  parts.onTerm(term);
  for (const loop of LOOPS) metrics.trackWork(loop, () => term.listWorkMs(loop));
  // what fails in one part ends the other with it
  const failed = new AbortController();
  const lost = AbortSignal.any([leading, failed.signal]);
  const orFailAll = async <T>(work: Promise<T>): Promise<T> =>
    await work.catch((error: unknown) => {
      failed.abort(error);
      throw error;
    });
  try {
    const ports = { ...parts, ledger, enqueue: (name: string) => term.enqueue(name) };
    const drained = await Promise.all([
      orFailAll(term.run({ stop: io.signal, leading: lost })),
      orFailAll(drain(parts, runRequestLoop(ports, AbortSignal.any([lost, io.signal])))),
      orFailAll(drain(parts, watch(parts, epoch, AbortSignal.any([lost, io.signal])))),
    ]);
    return drained.every(Boolean);
  } finally {
    metrics.noteTerm(null);
    parts.onTerm(null);
  }
}

/** False when the work, which ends by itself after the stop, has not done so within the drain time: a server hangs. */
async function drain({ clock, io, settings }: LeadParts, work: Promise<void>): Promise<boolean> {
  const ended = new AbortController();
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const wait = (): void => {
    clock.sleep(settings.drainSeconds * 1_000, ended.signal).then(
      () => resolve(false),
      () => undefined,
    );
  };
  if (io.signal.aborted) wait();
  else io.signal.addEventListener('abort', wait, { once: true, signal: ended.signal });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    ended.abort();
  }
}

async function watch(parts: LeadParts, epoch: number, signal: AbortSignal): Promise<void> {
  const { database, installationId, settings } = parts;
  const schedule = settings.watchedSchedule;
  if (schedule === undefined) return;
  await watchSchedule({ ...parts, schedule, term: { database, installationId, epoch } }, signal);
}

/** Null when the process is to end before the database has answered, which may hang. */
async function drawUntilDrawn(
  { database, installationId, identity, log, clock }: LeadParts,
  signal: AbortSignal,
): Promise<number | null> {
  while (!signal.aborted) {
    try {
      return await untilAborted(drawEpoch(database, installationId, identity), signal);
    } catch (error) {
      if (signal.aborted) break;
      if (!(error instanceof SyncError && error.isTransient)) throw error;
      log.warn('the epoch is asked for again', { error });
    }
    await clock.sleep(DRAW_AGAIN_MS, signal).catch(() => undefined);
  }
  return null;
}
