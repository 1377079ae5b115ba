import { parseDay } from '../adapters/postgres/copy-instant.ts';
import type { CellFault, KeyValue } from '../adapters/postgres/copy-encoder.ts';
import type { RawRow } from '../adapters/postgres/copy-shape.ts';
import type { Column } from '../adapters/postgres/table.ts';

/** A row's key values in key order, each as the table holds it; or why the row has no key. */
export function readKey(keys: readonly Column[], raw: RawRow, parent?: RawRow): readonly KeyValue[] | CellFault {
  const values: KeyValue[] = [];
  for (const key of keys) {
    const { property, isOfParent } = key.source;
    const value = (isOfParent === true ? parent : raw)?.[property];
    const read = value === undefined || value === null || value === '' ? 'MISSING_KEY' : readKeyValue(key, value);
    if (typeof read === 'string') return { reasonCode: read, field: property };
    values.push(read.value);
  }
  return values;
}

function readKeyValue(key: Column, value: unknown): { readonly value: KeyValue } | CellFault['reasonCode'] {
  if (typeof value !== 'string' && typeof value !== 'number') return 'WRONG_TYPE';
  if (key.type === 'integer') {
    const number = Number(value);
    return Number.isInteger(number) && number >= 0 && number < 2 ** 31 ? { value: number } : 'BAD_NUMBER';
  }
  const text = String(value);
  if (key.type === 'date') return text.length === 10 && !Number.isNaN(parseDay(text)) ? { value: text } : 'BAD_DATE';
  if (key.maxLength !== undefined && text.length > key.maxLength) return 'TOO_LONG';
  return text.includes('\0') || !text.isWellFormed() ? 'BAD_TEXT' : { value: text };
}
