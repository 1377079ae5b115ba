import { z } from 'zod';
import { MALL_STATES, type MallBoardFilter } from '../../adapters/postgres/read-models/mall-board.ts';
import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import { NotFound } from '../bad-input.ts';
import { flag, optional, plainText } from '../runs/query-fields.ts';

export const MALLS_SHOWN = 50;
const MOST_MALLS = 200;

const label: z.ZodType<string, string> = z
  .string()
  .max(1_001)
  .regex(/^[^=\0]+=[^\0]+$/, 'must be a label like tier=gold');

const limit: z.ZodType<number, string> = z
  .string()
  .regex(/^\d{1,4}$/, `must be a number from 1 to ${MOST_MALLS}`)
  .transform(Number)
  .pipe(z.number().min(1).max(MOST_MALLS));

export const mallListQuery = z.object({
  q: optional(plainText(200)),
  state: optional(z.enum(MALL_STATES)),
  domain: optional(z.enum(DOMAIN_TYPES)),
  late: optional(flag),
  active: optional(flag),
  label: optional(label),
  cursor: optional(plainText(100)),
  limit: optional(limit),
});
export type MallListQuery = z.output<typeof mallListQuery>;

export function toMallFilter({ q, state, domain, late, active, label: pair }: MallListQuery): MallBoardFilter {
  return {
    search: q,
    state,
    domainType: domain,
    isLate: late,
    active,
    labels: pair === undefined ? undefined : toLabels(pair),
  };
}

function toLabels(pair: string): Readonly<Record<string, string>> {
  const at = pair.indexOf('=');
  return { [pair.slice(0, at)]: pair.slice(at + 1) };
}

/** @throws NotFound for what can be no mall's number */
export function parseMallId(text: string | undefined): number {
  if (text === undefined || !/^[1-9]\d{0,14}$/.test(text)) throw new NotFound('there is no such mall');
  return Number(text);
}
