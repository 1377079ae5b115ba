const OFFSET_SECONDS = 9 * 3600;
export const DAY_SECONDS = 86_400;

/** Days since 1970-01-01 by the Korean calendar. */
export function toDay(epochSeconds: number): number {
  return Math.floor((epochSeconds + OFFSET_SECONDS) / DAY_SECONDS);
}

export function toSecondOfDay(epochSeconds: number): number {
  return epochSeconds + OFFSET_SECONDS - toDay(epochSeconds) * DAY_SECONDS;
}

export function toEpochSeconds(day: number, secondOfDay: number): number {
  return day * DAY_SECONDS - OFFSET_SECONDS + secondOfDay;
}

const dayTexts = new Map<number, string>();

/** `YYYY-MM-DD` */
export function formatDay(day: number): string {
  let text = dayTexts.get(day);
  if (text === undefined) {
    text = new Date(day * DAY_SECONDS * 1000).toISOString().slice(0, 10);
    dayTexts.set(day, text);
  }
  return text;
}

const timeTexts: string[] = [];

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}

/** `HH:MM:SS` */
export function formatTime(secondOfDay: number): string {
  let text = timeTexts[secondOfDay];
  if (text === undefined) {
    const minutes = Math.floor(secondOfDay / 60);
    text = `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}:${twoDigits(secondOfDay % 60)}`;
    timeTexts[secondOfDay] = text;
  }
  return text;
}

/** `YYYY-MM-DDTHH:MM:SS.mmm` without an offset, as token answers carry their times. */
export function formatTokenTime(epochMs: number): string {
  return new Date(epochMs + OFFSET_SECONDS * 1000).toISOString().slice(0, 23);
}

export function parseDay(text: string): number | undefined {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text ? undefined : ms / 1000 / DAY_SECONDS;
}

const DATE_TIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(Z|[+-]\d{2}:\d{2})?$/;

/**
 * Epoch seconds of a time as the API's date parameters take it: a day, a local Korean time or ISO 8601 with offset.
 * A bare day means its first second, or its last when `endOfDay`.
 */
export function parseApiTime(text: string, endOfDay: boolean): number | undefined {
  const bareDay = parseDay(text);
  if (bareDay !== undefined) return toEpochSeconds(bareDay, endOfDay ? DAY_SECONDS - 1 : 0);
  const [, dayText, hour, minute, second, zone] = DATE_TIME.exec(text) ?? [];
  const day = parseDay(dayText ?? '');
  if (day === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  if (zone !== undefined) return Math.floor(Date.parse(`${dayText}T${hour}:${minute}:${second}${zone}`) / 1000);
  return toEpochSeconds(day, Number(hour) * 3600 + Number(minute) * 60 + Number(second));
}

/** The same local time `months` later; a day that the month lacks becomes the month's last. */
export function addMonths(epochSeconds: number, months: number): number {
  const local = new Date((epochSeconds + OFFSET_SECONDS) * 1000);
  const wantedDay = local.getUTCDate();
  local.setUTCDate(1);
  local.setUTCMonth(local.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + 1, 0)).getUTCDate();
  local.setUTCDate(Math.min(wantedDay, lastDay));
  return local.getTime() / 1000 - OFFSET_SECONDS;
}
