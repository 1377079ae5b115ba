/** The rule files; also the names of their groups. Those of one machine with `serve` need only the first. */
export const ALERT_GROUPS = ['fleet', 'controller'] as const;

export type AlertGroup = (typeof ALERT_GROUPS)[number];

/** `critical` wakes somebody up, `warning` waits for the morning. */
export type Severity = 'critical' | 'warning';

/** One alert a symptom: a night in which a thousand malls fail is told once. */
export interface Alert {
  readonly name: `Mallsync${string}`;
  readonly group: AlertGroup;
  /** PromQL that keeps the label `namespace`; each selector has SCOPE. */
  readonly expr: string;
  /** How long it must hold; `0m`: not at all. */
  readonly for: string;
  readonly severity: Severity;
  /** A Go template in one line. */
  readonly summary: string;
  /** What follows from it and where to look, without a template. */
  readonly description: string;
  /** In words, for the table of runbooks. */
  readonly firesWhen: string;
}
