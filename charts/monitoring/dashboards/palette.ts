/** One colour a meaning, in all dashboards; names that Grafana knows. */
export const COLOUR = {
  done: 'green',
  rejects: 'yellow',
  failed: 'red',
  late: 'orange',
  waiting: 'gray',
  running: 'blue',
  neutral: 'text',
} as const;

/** By the words that labels and columns use. */
export const SERIES_COLOURS: Readonly<Record<string, string>> = {
  done: COLOUR.done,
  done_with_rejects: COLOUR.rejects,
  failed: COLOUR.failed,
  stopped: COLOUR.late,
  waiting: COLOUR.waiting,
  running: COLOUR.running,
  late: COLOUR.late,
  COMPLETED: COLOUR.done,
  COMPLETED_WITH_REJECTS: COLOUR.rejects,
  FAILED: COLOUR.failed,
  STOPPED: COLOUR.late,
  ABANDONED: COLOUR.late,
  inserted: COLOUR.done,
  updated: COLOUR.running,
  unchanged: COLOUR.waiting,
  stale: COLOUR.rejects,
  rejected: COLOUR.failed,
  duplicate: 'purple',
  success: COLOUR.done,
  error: COLOUR.failed,
  requeue: COLOUR.rejects,
  requeue_after: COLOUR.waiting,
  active: COLOUR.done,
  inactive: COLOUR.waiting,
  needs_consent: COLOUR.failed,
  uninstalled: COLOUR.late,
  no_credential: COLOUR.rejects,
  pending: COLOUR.late,
  accepted: COLOUR.running,
  PENDING: COLOUR.late,
  ACCEPTED: COLOUR.running,
  DONE: COLOUR.done,
  REFUSED: COLOUR.failed,
  ACTIVE: COLOUR.done,
  NEEDS_CONSENT: COLOUR.failed,
  UNINSTALLED: COLOUR.late,
  REQUESTED: COLOUR.waiting,
  WAITING: COLOUR.waiting,
  RUNNING: COLOUR.running,
  refused: COLOUR.failed,
};

/** From which value on which colour; the first holds below all others. */
export type Steps = readonly [string, ...(readonly [number, string])[]];

/** Nothing is good, anything is bad. */
export const NONE_IS_GOOD: Steps = [COLOUR.done, [1, COLOUR.failed]];
export const NONE_IS_BEST: Steps = [COLOUR.done, [1, COLOUR.late]];
export const NEUTRAL: Steps = [COLOUR.neutral];
