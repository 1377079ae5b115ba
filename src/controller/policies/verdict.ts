import type { Action, DecisionSettings, Observed } from '../decision.ts';

/** What one policy has to say, and what it wants done. */
export interface Verdict {
  /** CamelCase, for machines. */
  readonly reason: string;
  /** For people. */
  readonly message: string;
  readonly actions: readonly Action[];
  /** When time alone may change the verdict; absent where only an event can. */
  readonly requeueAfterMs?: number;
}

/** Null: it is not for this policy to say. */
export type Policy<Subject, Answer extends Verdict = Verdict> = (
  subject: Subject,
  nowMs: number,
  settings: DecisionSettings,
) => Answer | null;

/** The verdict of the first policy that has one. */
export function firstVerdict<Subject, Answer extends Verdict>(
  policies: readonly Policy<Subject, Answer>[],
  subject: Subject,
  nowMs: number,
  settings: DecisionSettings,
): Answer | null {
  for (const policy of policies) {
    const verdict = policy(subject, nowMs, settings);
    if (verdict !== null) return verdict;
  }
  return null;
}

/** It is to end: nothing new begins, and what is live is stopped. */
export function isEnding({ spec, isDeleting }: Observed['mallSync']): boolean {
  return spec.cancel || isDeleting;
}
