import type { ReasonCode } from '../../domain/row-error.ts';
import type { CopyBuffer } from './copy-buffer.ts';
import { hasOffset, isZeroDate, parseDay, parseInstant } from './copy-instant.ts';
import { toStorableJson } from './copy-json.ts';
import type { ColumnType } from './table.ts';

/** Writes one field, or says why the value cannot be one; what it wrote before failing is of no account. */
export type CellWriter = (out: CopyBuffer, value: unknown) => ReasonCode | undefined;

const ZERO = 48;
const NINE = 57;
const LONGEST_NUMBER = 64;

const WRITERS: Readonly<Record<ColumnType, (maxLength: number | undefined) => CellWriter>> = {
  text: createTextWriter,
  integer: () => createIntegerWriter(2_147_483_647),
  bigint: () => createIntegerWriter(Number.MAX_SAFE_INTEGER),
  numeric: () => writeNumeric,
  boolean: () => writeBoolean,
  date: () => writeDate,
  instant: () => writeInstant,
  strings: () => writeStrings,
  json: () => writeJson,
};

export function createCellWriter(type: ColumnType, maxLength: number | undefined): CellWriter {
  return WRITERS[type](maxLength);
}

export const writeNothing: CellWriter = (out) => {
  out.addNull();
  return undefined;
};

function createTextWriter(maxLength = Number.POSITIVE_INFINITY): CellWriter {
  return (out, value) => {
    if (typeof value === 'string') {
      if (value.length > maxLength && countCharacters(value) > maxLength) return 'TOO_LONG';
      return out.addText(value) ? undefined : 'BAD_TEXT';
    }
    if (value === null || value === undefined) out.addNull();
    else if (typeof value === 'number') out.addAscii(String(value));
    else return 'WRONG_TYPE';
    return undefined;
  };
}

function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

function createIntegerWriter(biggest: number): CellWriter {
  return (out, value) => {
    if (value === null || value === undefined || value === '') {
      out.addNull();
      return undefined;
    }
    if (typeof value !== 'number' && typeof value !== 'string') return 'WRONG_TYPE';
    if (typeof value === 'string' && !isDecimal(value)) return 'BAD_NUMBER';
    const number = Number(value);
    if (!Number.isInteger(number) || Math.abs(number) > biggest) return 'BAD_NUMBER';
    out.addAscii(String(number));
    return undefined;
  };
}

function writeNumeric(out: CopyBuffer, value: unknown): ReasonCode | undefined {
  if (typeof value === 'string') {
    if (value === '') out.addNull();
    else if (isDecimal(value)) out.addAscii(value);
    else return 'BAD_NUMBER';
    return undefined;
  }
  if (value === null || value === undefined) {
    out.addNull();
    return undefined;
  }
  if (typeof value !== 'number') return 'WRONG_TYPE';
  const text = String(value);
  if (!isDecimal(text)) return 'BAD_NUMBER';
  out.addAscii(text);
  return undefined;
}

/** An optional minus, digits, and optionally a point with digits behind it. */
function isDecimal(text: string): boolean {
  if (text.length > LONGEST_NUMBER) return false;
  let at = text.charCodeAt(0) === 45 ? 1 : 0;
  let digits = 0;
  let points = 0;
  for (; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= ZERO && unit <= NINE) digits += 1;
    else if (unit === 46 && digits > 0 && points === 0) {
      points = 1;
      digits = 0;
    } else return false;
  }
  return digits > 0;
}

function writeBoolean(out: CopyBuffer, value: unknown): ReasonCode | undefined {
  if (value === 'F' || value === false) out.addAscii('f');
  else if (value === 'T' || value === true) out.addAscii('t');
  else if (value === null || value === undefined || value === '') out.addNull();
  else return typeof value === 'object' ? 'WRONG_TYPE' : 'BAD_BOOLEAN';
  return undefined;
}

function writeDate(out: CopyBuffer, value: unknown): ReasonCode | undefined {
  if (value === null || value === undefined) {
    out.addNull();
    return undefined;
  }
  if (typeof value !== 'string') return 'WRONG_TYPE';
  if (isZeroDate(value)) out.addNull();
  else if (value.length === 10 && !Number.isNaN(parseDay(value))) out.addAscii(value);
  else return 'BAD_DATE';
  return undefined;
}

function writeInstant(out: CopyBuffer, value: unknown): ReasonCode | undefined {
  if (value === null || value === undefined) {
    out.addNull();
    return undefined;
  }
  if (typeof value !== 'string') return 'WRONG_TYPE';
  if (isZeroDate(value)) {
    out.addNull();
    return undefined;
  }
  if (Number.isNaN(parseInstant(value))) return 'BAD_DATE';
  out.addAscii(value);
  if (!hasOffset(value)) out.addAscii('+09:00');
  return undefined;
}

/** A bare text stands for a list of one: older versions of the API answer so. */
function writeStrings(out: CopyBuffer, value: unknown): ReasonCode | undefined {
  if (value === null || value === undefined || value === '') {
    out.addNull();
    return undefined;
  }
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  let literal = '{';
  for (const [index, item] of items.entries()) {
    if (index > 0) literal += ',';
    if (item === null) literal += 'NULL';
    else if (typeof item === 'string') literal += quoteElement(item);
    else if (typeof item === 'number') literal += String(item);
    else return 'WRONG_TYPE';
  }
  return out.addText(`${literal}}`) ? undefined : 'BAD_TEXT';
}

function quoteElement(text: string): string {
  return /["\\]/.test(text) ? `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"` : `"${text}"`;
}

function writeJson(out: CopyBuffer, value: unknown): ReasonCode | undefined {
  if (value === null || value === undefined || value === '') {
    out.addNull();
    return undefined;
  }
  const text = toStorableJson(value);
  if (text === undefined) return 'BAD_TEXT';
  return out.addText(text) ? undefined : 'BAD_TEXT';
}
