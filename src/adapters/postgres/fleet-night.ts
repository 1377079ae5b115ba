import type { FailureReason } from '../../domain/failure.ts';
import type { GaugeSample } from './gauge-sample.ts';
import type { QueryPool } from './pool.ts';
import { loadNight, toDeadlineMs, type DomainNight, type NightCounts } from './read-models/night-picture.ts';

const MALL_STATES = {
  done: 'done',
  failed: 'failed',
  waiting: 'waiting',
  running: 'running',
} as const satisfies Readonly<Record<string, keyof NightCounts>>;

const RUN_STATES = {
  ...MALL_STATES,
  done_with_rejects: 'doneWithRejects',
  stopped: 'stopped',
} as const satisfies Readonly<Record<string, keyof DomainNight>>;

type NightGaugeName = 'malls' | 'late_malls' | 'runs' | 'failed_malls' | 'end_timestamp_seconds';

/** The last night as the page shows it. `deadline` is `HH:MM` of Asia/Seoul. */
export async function loadNightGauges(
  pool: QueryPool,
  query: { readonly nowMs: number; readonly deadline: string },
): Promise<Readonly<Record<`night_${NightGaugeName | 'deadline_timestamp_seconds'}`, readonly GaugeSample[]>>> {
  const { untilMs, malls, byDomain, groups } = await loadNight(pool, query);
  const deadlineMs = untilMs + toDeadlineMs(query.deadline);
  return {
    night_malls: Object.entries(MALL_STATES).map(([state, key]) => ({ labels: { state }, value: malls[key] })),
    night_late_malls: [{ labels: {}, value: malls.late }],
    night_runs: byDomain.flatMap((night) =>
      Object.entries(RUN_STATES).map(([state, key]) => ({
        labels: { domain: night.domainType, state },
        value: night[key],
      })),
    ),
    night_failed_malls: groups.map((group) => ({
      labels: { reason: group.reason satisfies FailureReason },
      value: group.malls,
    })),
    night_end_timestamp_seconds: [{ labels: {}, value: untilMs / 1_000 }],
    night_deadline_timestamp_seconds: [{ labels: {}, value: deadlineMs / 1_000 }],
  };
}
