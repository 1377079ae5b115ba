import { z } from 'zod';
import type { DomainType } from '../../domain/domain-type.ts';
import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import { parseSeoulTime } from '../../domain/seoul-time.ts';

/** Kinds of values as flags and variables give them: text in, typed value out. */

export function wholeNumber(least: number, most: number): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().min(least).max(most));
}

export const mallIds: z.ZodType<readonly number[], readonly string[]> = z
  .array(wholeNumber(1, Number.MAX_SAFE_INTEGER))
  .min(1)
  .transform((ids) => [...new Set(ids)]);

export const seoulTime: z.ZodType<string, string> = z.string().refine((text) => parseSeoulTime(text) !== undefined);

const domainType = z
  .string()
  .transform((text) => text.toUpperCase())
  .pipe(z.enum(DOMAIN_TYPES));

export const oneDomainType: z.ZodType<DomainType, string> = domainType;

/** Domain types in their fixed order, `ALL` standing for each. */
export const domainTypes: z.ZodType<readonly DomainType[], readonly string[]> = z
  .array(z.union([z.literal(['ALL', 'all']), domainType]))
  .min(1)
  .transform((given) =>
    DOMAIN_TYPES.filter((each) => given.includes(each) || given.includes('ALL') || given.includes('all')),
  );
