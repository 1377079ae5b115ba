import { z } from 'zod';
import type { FailureReason } from '../../domain/failure.ts';
import { isFailureReason } from '../../domain/failure.ts';

const runReport = z.object({
  failureReason: z.string().refine(isFailureReason).nullish().catch(null),
  failureMessage: z.string().nullish().catch(null),
});

export interface RunReportWord {
  readonly reason: FailureReason | null;
  readonly message: string | null;
}

/** The word of the report that `sync` leaves as its termination message; nulls where there is none or it is cut off. */
export function parseRunReport(text: string): RunReportWord {
  const result = runReport.safeParse(parseJson(text));
  if (!result.success) return { reason: null, message: null };
  const { failureReason, failureMessage } = result.data;
  return { reason: failureReason ?? null, message: failureMessage ?? null };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
