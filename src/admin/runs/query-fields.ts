import { z } from '@hono/zod-openapi';
import { DAY_MS, parseSeoulTime, SECOND_MS, toSeoulTime } from '../../domain/seoul-time.ts';

/** Kinds of values as a query string gives them. A field that is there but blank, as a form sends it, is not given. */

const MOST_VALUES = 5_000;

/** One or many values: repeated, or with commas between them. */
export function listOf<T>(item: z.ZodType<T, string>) {
  return z
    .union([z.string(), z.array(z.string())])
    .optional()
    .transform((given) => toWords(given))
    .pipe(z.array(item).max(MOST_VALUES))
    .transform((values): readonly T[] | undefined => (values.length === 0 ? undefined : [...new Set(values)]))
    .openapi({ type: 'array', items: describe(item) });
}

/** The API's document tells the words that a field knows. */
function describe(item: z.ZodType): { readonly type: 'string'; readonly enum?: string[] } {
  return item instanceof z.ZodEnum ? { type: 'string', enum: item.options.map(String) } : { type: 'string' };
}

function toWords(given: string | readonly string[] | undefined): string[] {
  const texts = typeof given === 'string' ? [given] : (given ?? []);
  return texts
    .flatMap((text) => text.split(','))
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

/** The last one counts when it is given twice. */
export function optional<T>(value: z.ZodType<T, string>) {
  return z
    .union([z.string(), z.array(z.string())])
    .optional()
    .transform((given) => (typeof given === 'string' ? given : given?.at(-1))?.trim())
    .transform((text) => (text === '' ? undefined : text))
    .pipe(value.optional())
    .openapi({ ...describe(value) });
}

export const identifier: z.ZodType<number, string> = z
  .string()
  .regex(/^\d{1,15}$/, 'must be a number like 7')
  .transform(Number)
  .pipe(z.number().min(1));

export function plainText(mostCharacters: number): z.ZodType<string, string> {
  // PostgreSQL's text takes any character but this one
  return z
    .string()
    .max(mostCharacters)
    .refine((text) => !text.includes('\0'), 'must not hold a null character');
}

/** A form's check box, or a word for yes. */
export const flag: z.ZodType<boolean, string> = z
  .enum(['1', 'true', 'on', '0', 'false'], 'must be 1 or 0')
  .transform((word) => ['1', 'true', 'on'].includes(word));

export const day: z.ZodType<string, string> = z
  .string()
  .refine((text) => parseSeoulTime(`${text}T00:00:00`) !== undefined, 'must be a day like 2025-12-01');

const TIME_HINT = 'must be a day or a time of Asia/Seoul like 2025-12-01 or 2025-12-01T06:30:00';

/** `2025-12-01`, `2025-12-01T06:30` or `2025-12-01T06:30:00`; a day stands for its first second, its last at an end. */
function seoulTime(edge: 'start' | 'end'): z.ZodType<string, string> {
  return z.string().transform((text, context): string => {
    const full = text.length === 16 ? `${text}:00` : text;
    const first = text.length === 10 ? `${text}T00:00:00` : full;
    const instantMs = parseSeoulTime(first);
    if (instantMs === undefined) {
      context.addIssue({ code: 'custom', message: TIME_HINT });
      return z.NEVER;
    }
    return edge === 'end' && text.length === 10 ? toSeoulTime(instantMs + DAY_MS - SECOND_MS) : first;
  });
}

export const startTime: z.ZodType<string, string> = seoulTime('start');
export const endTime: z.ZodType<string, string> = seoulTime('end');
