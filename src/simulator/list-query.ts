import { buildApiError, Refusal } from './http-answer.ts';
import { addMonths, parseApiTime } from './korean-time.ts';

const MOST_VALUES = 100;

function refuse(message: string, parameter: string): never {
  throw new Refusal(buildApiError(422, `${message} (parameter.${parameter})`));
}

/** `shop_no` → `Shop no`, as the API's messages call its parameters. */
function toTitle(parameter: string): string {
  const words = parameter.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function parseInteger(query: URLSearchParams, parameter: string, fallback: number): number {
  const text = query.get(parameter);
  if (text === null || text === '') return fallback;
  if (!/^-?\d+$/.test(text)) return refuse(`[${toTitle(parameter)}] is not a valid number.`, parameter);
  return Number(text);
}

export function parseShopNo(query: URLSearchParams): number {
  return parseInteger(query, 'shop_no', 1);
}

export interface PageRequest {
  readonly limit: number;
  readonly offset: number;
}

export interface PageBounds {
  readonly defaultLimit: number;
  readonly maxLimit: number;
  readonly maxOffset: number;
}

export function parsePage(query: URLSearchParams, bounds: PageBounds): PageRequest {
  const limit = parseInteger(query, 'limit', bounds.defaultLimit);
  const offset = parseInteger(query, 'offset', 0);
  if (limit < 1 || limit > bounds.maxLimit) refuse(`[Limit] should be between 1 and ${bounds.maxLimit}.`, 'limit');
  if (offset < 0 || offset > bounds.maxOffset)
    refuse(`[Offset] should be between 0 and ${bounds.maxOffset}.`, 'offset');
  return { limit, offset };
}

/** Both inclusive, in epoch seconds. */
export interface TimeRange {
  readonly start: number;
  readonly end: number;
}

export function parseTime(query: URLSearchParams, parameter: string, endOfDay: boolean): number | undefined {
  const text = query.get(parameter);
  if (text === null || text === '') return undefined;
  return parseApiTime(text, endOfDay) ?? refuse(`[${toTitle(parameter)}] is not a valid date.`, parameter);
}

/** Undefined when neither bound is given. */
export function parseRange(query: URLSearchParams): TimeRange | undefined {
  const start = parseTime(query, 'start_date', false);
  const end = parseTime(query, 'end_date', true);
  if (start === undefined && end === undefined) return undefined;
  if (start === undefined) return refuse('[Start date] is required together with end_date.', 'start_date');
  if (end === undefined) return refuse('[End date] is required together with start_date.', 'end_date');
  if (end < start) refuse('[End date] should not be before start_date.', 'end_date');
  return { start, end };
}

export function parseRequiredRange(query: URLSearchParams): TimeRange {
  return parseRange(query) ?? refuse('[Start date] is required.', 'start_date');
}

export function requireUnderMonths({ start, end }: TimeRange, months: number): void {
  if (end >= addMonths(start, months))
    refuse(`[End date] search period should be less than ${months} months.`, 'end_date');
}

function splitValues(text: string): string[] {
  return text.split(',').map((value) => value.trim());
}

/** A comma list that filters, at most 100 values; undefined when absent. */
export function parseValues(query: URLSearchParams, parameter: string): string[] | undefined {
  const text = query.get(parameter);
  if (text === null || text === '') return undefined;
  const values = splitValues(text);
  if (values.length > MOST_VALUES)
    refuse(`[${toTitle(parameter)}] should not exceed ${MOST_VALUES} values.`, parameter);
  return values;
}

export function parseFields(query: URLSearchParams): string[] | undefined {
  const text = query.get('fields');
  return text === null || text === '' ? undefined : splitValues(text);
}

export function parseEmbed(query: URLSearchParams, allowed: readonly string[]): string[] {
  const text = query.get('embed');
  if (text === null || text === '') return [];
  const values = splitValues(text);
  const unknown = values.find((value) => !allowed.includes(value));
  if (unknown !== undefined) refuse(`[Embed] ${unknown} is not available.`, 'embed');
  return [...new Set(values)];
}

export function refuseValue(parameter: string): never {
  return refuse(`[${toTitle(parameter)}] is not a valid value.`, parameter);
}

/** A documented filter that this stand-in does not know would otherwise be ignored and the answer be wrong in silence. */
export function refuseUnsimulated(query: URLSearchParams, simulated: ReadonlySet<string>): void {
  for (const parameter of query.keys()) {
    if (!simulated.has(parameter))
      throw new Refusal(buildApiError(501, `The simulator does not know the parameter ${parameter}.`));
  }
}
