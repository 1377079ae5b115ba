import { z } from 'zod';
import { TerminalError } from '../../../domain/errors.ts';

export const RUN_SORTS = ['newest', 'failedFirst', 'duration', 'rows', 'mall'] as const;
/**
 * newest: asked for last. failedFirst: what failed and was not taken up since, then what is live, then what has rejects.
 * duration, rows: the most first, what has not ended last. mall: by mallId. Within each, the newest first.
 */
export type RunSort = (typeof RUN_SORTS)[number];

const cursor = z.strictObject({
  sort: z.enum(RUN_SORTS),
  /** Rows behind this place, or before it. */
  side: z.enum(['next', 'previous']),
  place: z.array(z.int()).min(2).max(3),
});

/** Where a page begins. */
export type RunCursor = z.infer<typeof cursor>;

export function toCursorText(place: RunCursor): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** @throws TerminalError ConfigInvalid for one that this list did not give */
export function parseRunCursor(text: string, sort: RunSort): RunCursor {
  const parsed = cursor.safeParse(parseJson(Buffer.from(text, 'base64url').toString()));
  if (parsed.success && parsed.data.sort === sort) return parsed.data;
  throw new TerminalError('ConfigInvalid', 'cursor must be one that a page of this list and sort gave');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
