/**
 * Asia/Seoul has kept +09:00 without daylight saving since 1989, before the first Cafe24 mall, so a fixed offset is exact
 * for every period this program can be asked for.
 */
const SEOUL_OFFSET_MS = 9 * 3_600_000;
export const DAY_MS = 86_400_000;
export const SECOND_MS = 1_000;

const LOCAL_TIME = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})$/;

/** A local time `YYYY-MM-DDTHH:MM:SS` of Asia/Seoul to epoch milliseconds, or undefined when it is not one. */
export function parseSeoulTime(text: string): number | undefined {
  const match = LOCAL_TIME.exec(text);
  if (match === null) return undefined;
  const instant = Date.parse(`${text}Z`) - SEOUL_OFFSET_MS;
  return Number.isNaN(instant) || toSeoulTime(instant) !== text ? undefined : instant;
}

/** Epoch milliseconds to the local time `YYYY-MM-DDTHH:MM:SS` of Asia/Seoul. */
export function toSeoulTime(instantMs: number): string {
  return new Date(instantMs + SEOUL_OFFSET_MS).toISOString().slice(0, 19);
}

/** Epoch milliseconds to the Seoul calendar day `YYYY-MM-DD`. */
export function toSeoulDay(instantMs: number): string {
  return toSeoulTime(instantMs).slice(0, 10);
}

/** The first instant of the Seoul day that holds `instantMs`. */
export function startOfSeoulDay(instantMs: number): number {
  return Math.floor((instantMs + SEOUL_OFFSET_MS) / DAY_MS) * DAY_MS - SEOUL_OFFSET_MS;
}
