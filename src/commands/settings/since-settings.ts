import { z } from 'zod';
import { parseSeoulTime } from '../../domain/seoul-time.ts';
import { setting } from './setting.ts';

/** A point in time that may be counted from now. */
export type Since = { readonly atMs: number } | { readonly agoMs: number };

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);
const AGO = /^(\d{1,5})([mhd])$/;

function parseSince(text: string): Since | undefined {
  const [, amount, unit = ''] = AGO.exec(text) ?? [];
  const unitMs = UNIT_MS.get(unit);
  if (unitMs !== undefined) return { agoMs: Number(amount) * unitMs };
  const atMs = parseSeoulTime(text.length === 10 ? `${text}T00:00:00` : text);
  return atMs === undefined ? undefined : { atMs };
}

const since = z.string().transform((text, context): Since => {
  const parsed = parseSince(text);
  if (parsed !== undefined) return parsed;
  context.issues.push({ code: 'custom', message: 'Invalid input', input: text });
  return z.NEVER;
});

export const SINCE_SETTINGS = {
  since: setting(since.optional(), {
    flag: '--since <time>',
    description: 'Only what was asked for since then: a day or time of Asia/Seoul, or 90m, 24h, 7d ago',
    mustBe: 'a day like 2025-12-01, a time like 2025-12-01T00:00:00, or how long ago like 90m, 24h, 7d',
  }),
};

export function toSinceMs(given: Since | undefined, nowMs: number): number | undefined {
  if (given === undefined) return undefined;
  return 'atMs' in given ? given.atMs : nowMs - given.agoMs;
}
