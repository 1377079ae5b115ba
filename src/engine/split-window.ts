import { SECOND_MS } from '../domain/seoul-time.ts';
import type { WindowBounds } from '../domain/window.ts';

/** Room left below the ceiling, since rows are seldom spread evenly over time. */
const FILL = 0.75;
const MOST_PARTS = 64;

/**
 * The smaller windows to read instead of one that holds `count` rows, or an empty list when it is small enough or is a
 * single second, which no time range can divide. The parts cover the window exactly.
 */
export function splitWindow(window: WindowBounds, count: number | null, ceiling: number): readonly WindowBounds[] {
  if (count === null || count <= ceiling) return [];
  const seconds = Math.round((window.untilMs - window.fromMs) / SECOND_MS);
  if (seconds <= 1) return [];
  const parts = Math.min(seconds, MOST_PARTS, Math.max(2, Math.ceil(count / (ceiling * FILL))));
  const cut = (part: number): number => window.fromMs + Math.round((seconds * part) / parts) * SECOND_MS;
  return Array.from({ length: parts }, (_, part) => ({ ...window, fromMs: cut(part), untilMs: cut(part + 1) }));
}
