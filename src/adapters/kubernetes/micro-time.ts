/**
 * The only form of time that Leases and Events take: six digits of a second, UTC.
 * @param micros 0 to 999, beside the milliseconds
 */
export function toMicroTime(epochMs: number, micros = 0): string {
  return new Date(epochMs).toISOString().replace('Z', `${String(micros).padStart(3, '0')}Z`);
}
