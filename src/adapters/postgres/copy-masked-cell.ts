import { maskText, type PiiMode } from '../../domain/personal-data.ts';
import { createCellWriter, writeNothing, type CellWriter } from './copy-cell.ts';
import type { Column } from './table.ts';

const HIDDEN = '***';

/** The writer of a column under a PII mode: what is not personal is stored as it is. */
export function createColumnWriter(column: Column, pii: PiiMode): CellWriter {
  const plain = createCellWriter(column.type, column.maxLength);
  if (column.dataClass === 'none' || pii === 'full') return plain;
  if (pii === 'none') return writeNothing;
  if (column.type === 'text') return (out, value) => plain(out, typeof value === 'string' ? mask(value) : value);
  if (column.type === 'strings') {
    return (out, value) => plain(out, Array.isArray(value) ? value.map(maskElement) : maskElement(value));
  }
  return writeNothing;
}

function maskElement(value: unknown): unknown {
  return typeof value === 'string' ? mask(value) : value;
}

/** One letter would be the whole value, and half of a surrogate pair cannot be stored. */
function mask(value: string): string {
  if (value === '') return '';
  const masked = maskText(value);
  return value.length === 1 || !masked.isWellFormed() ? HIDDEN : masked;
}
