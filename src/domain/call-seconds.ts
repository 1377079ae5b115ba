import { LIST_BUCKET, MALL_CEILING } from './rate-budget.ts';

/** What an idle bucket grants at the mall's ceiling before its leak is all there is: it fills as it leaks. */
const SWIFT_SECONDS = LIST_BUCKET.size / (MALL_CEILING.perSecond - LIST_BUCKET.leakPerSecond);
const SWIFT_CALLS = SWIFT_SECONDS * MALL_CEILING.perSecond;

/** How long at least so many calls to one endpoint of an idle mall take, whatever the answers take. */
export function estimateCallSeconds(calls: number): number {
  if (calls <= SWIFT_CALLS) return calls / MALL_CEILING.perSecond;
  return SWIFT_SECONDS + (calls - SWIFT_CALLS) / LIST_BUCKET.leakPerSecond;
}
