/** What those who count totals and those who export them agree on. */

/** The label `outcome` of rows_total: counters of an execution. */
export const ROW_OUTCOMES = ['inserted', 'updated', 'unchanged', 'stale', 'rejected', 'duplicate'] as const;

/** Upper bounds of the buckets in seconds; a bucket without limit comes on top. */
export const HISTOGRAM_BOUNDS = {
  run_duration_seconds: [10, 30, 60, 300, 900, 1_800, 3_600, 7_200, 21_600],
  outcome_record_lag_seconds: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800],
  job_create_to_start_seconds: [0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200],
} as const;

export type HistogramName = keyof typeof HISTOGRAM_BOUNDS;
