import type { ControllerTerm } from '../../adapters/postgres/controller-term.ts';
import { readDatabaseClock } from '../../adapters/postgres/database-clock.ts';
import { listKnownNights, noteMissedSlots } from '../../adapters/postgres/missed-slot.ts';
import type { Logger } from '../../adapters/telemetry/log.ts';
import type { ClusterView, Recorder } from '../../controller/cluster.ts';
import type { MallSync } from '../../controller/mall-sync.ts';
import type { MissedSlot } from '../../controller/missed-slots.ts';
import { listMissedSlots } from '../../controller/missed-slots.ts';
import type { Clock } from '../../domain/clock.ts';
import { LeaseLostError } from '../../domain/errors.ts';
import { listSlots } from '../settings/schedule-settings.ts';

export interface ScheduleWatch {
  readonly term: ControllerTerm;
  /** A cron pattern in Asia/Seoul. */
  readonly schedule: string;
  readonly view: Pick<ClusterView, 'listMallSyncs'>;
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly log: Logger;
}

const CHECK_EVERY_MS = 600_000;
/** A CronJob may be late while the cluster is busy. */
const GRACE_MS = 1_800_000;
const NIGHTLY_NAME = /^nightly-[a-z]+-(\d{8})$/;

/** Looks for missed nights every ten minutes until the signal aborts. @throws LeaseLostError when another leads */
export async function watchSchedule(watch: ScheduleWatch, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await checkSchedule(watch);
    } catch (error) {
      if (error instanceof LeaseLostError) throw error;
      if (!signal.aborted) watch.log.error('task failed', { task: 'schedule', error });
    }
    await watch.clock.sleep(CHECK_EVERY_MS, signal).catch(() => undefined);
  }
}

/** Counts and tells each night that was due and did not begin, once. */
export async function checkSchedule(watch: ScheduleWatch): Promise<readonly MissedSlot[]> {
  const { term, schedule, view, log } = watch;
  const { pool } = term.database;
  const nightlies = view.listMallSyncs().filter(({ name }) => NIGHTLY_NAME.test(name));
  const missed = listMissedSlots({
    nowMs: await readDatabaseClock(term.database),
    graceMs: GRACE_MS,
    knownNights: new Set([...(await listKnownNights(pool, term.installationId)), ...nightlies.map(toNight)]),
    listSlots: (fromMs, untilMs) => listSlots(schedule, fromMs, untilMs),
  });
  const noted = await noteMissedSlots(term, missed);
  for (const { night } of noted) log.warn('night missed', { night });
  tell(noted, nightlies, watch.recorder);
  return noted;
}

function toNight({ name }: MallSync): string {
  return NIGHTLY_NAME.exec(name)?.[1] ?? '';
}

/** A night that did not begin has no object of its own: the newest one that did tells of it. */
function tell(noted: readonly MissedSlot[], nightlies: readonly MallSync[], recorder: Recorder): void {
  const newest = nightlies.toSorted((a, b) => b.createdAtMs - a.createdAtMs)[0];
  if (newest === undefined || noted.length === 0) return;
  const nights = noted.map(({ night }) => night).join(', ');
  recorder.record(newest, {
    type: 'Warning',
    reason: 'ScheduleMissed',
    message: `No MallSync was created for the night of ${nights}; look at the CronJob, or run \`mallsync nightly\``,
  });
}
