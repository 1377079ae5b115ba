import { DAY_MS, startOfSeoulDay } from '../../src/domain/seoul-time.ts';

/** "Yesterday" changes at midnight of Seoul: what needs it to stay the same for `neededMs` waits until that is past. */
export async function waitOutSeoulMidnight(neededMs: number): Promise<void> {
  const leftMs = startOfSeoulDay(Date.now()) + DAY_MS - Date.now();
  if (leftMs < neededMs) await new Promise((resolve) => setTimeout(resolve, leftMs));
}
