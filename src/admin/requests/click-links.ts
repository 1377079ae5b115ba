import type { RerunOutcome } from '../../domain/rerun-outcome.ts';

/** A click's page, narrowed to one outcome or not. */
export function toClickLink(key: string, only: RerunOutcome | null = null): string {
  const path = `/requests/${encodeURIComponent(key)}`;
  return only === null ? path : `${path}?outcome=${encodeURIComponent(only)}`;
}
