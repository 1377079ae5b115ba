import { z } from 'zod';
import { DOMAIN_TYPES, type DomainType } from '../../domain/domain-type.ts';
import { parseSeoulTime, toSeoulDay } from '../../domain/seoul-time.ts';
import { NotFound } from '../bad-input.ts';
import { optional } from '../runs/query-fields.ts';

/** Before Cafe24 there was nothing to read, and a calendar without an end would be walked by machines. */
const FIRST_MONTH = '2000-01';
const LAST_MONTH = '2099-12';

const month: z.ZodType<string, string> = z
  .string()
  .refine(
    (text) => /^\d{4}-\d{2}$/.test(text) && parseSeoulTime(`${text}-01T00:00:00`) !== undefined,
    'must be a month like 2025-12',
  )
  .refine((text) => text >= FIRST_MONTH && text <= LAST_MONTH, `must be from ${FIRST_MONTH} to ${LAST_MONTH}`);

export const coverageQuery = z.object({ month: optional(month) });

/** @throws NotFound for a word that is no domain type */
export function parseDomainType(text: string | undefined): DomainType {
  const known = DOMAIN_TYPES.find((each) => each === text);
  if (known === undefined) throw new NotFound('there is no such domain type');
  return known;
}

export function toMonth(instantMs: number): string {
  return toSeoulDay(instantMs).slice(0, 7);
}

/** The month `by` months later, or null beyond what the calendar shows. */
export function moveMonth(from: string, by: number): string | null {
  const [year = 0, number = 1] = from.split('-').map(Number);
  const index = year * 12 + number - 1 + by;
  const moved = `${String(Math.floor(index / 12)).padStart(4, '0')}-${String((index % 12) + 1).padStart(2, '0')}`;
  return moved < FIRST_MONTH || moved > LAST_MONTH ? null : moved;
}
