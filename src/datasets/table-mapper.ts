import type { PiiMode } from '../domain/personal-data.ts';
import type { ReasonCode } from '../domain/row-error.ts';
import type { WindowBounds } from '../domain/window.ts';
import type { MapOutcome, RowMapper } from '../engine/row-mapper.ts';
import { CopyBuffer } from '../adapters/postgres/copy-buffer.ts';
import { createRowEncoder, isFault, isRawRow } from '../adapters/postgres/copy-encoder.ts';
import type { CellFault, EncodedRow, KeyValue, RowEncoder } from '../adapters/postgres/copy-encoder.ts';
import type { RawRow } from '../adapters/postgres/copy-shape.ts';
import type { RowHash } from './row-hash.ts';
import type { TableRows } from '../adapters/postgres/dataset-writer-rows.ts';
import type { Column, Table } from '../adapters/postgres/table.ts';
import { keyColumnsOf } from '../adapters/postgres/upsert-sql.ts';
import { maskRow } from './mask-row.ts';
import { readKey } from './read-key.ts';

export interface MapperOptions {
  readonly pii: PiiMode;
  /** Whether the person of this mall asked to be forgotten. */
  readonly isErased: (memberId: string) => boolean;
}

/** What makes one domain type's rows out of the API's. */
export interface MappingPlan {
  readonly table: Table;
  readonly child: { readonly table: Table; readonly property: string } | null;
  /** The instant that windows of this date type judge the row by; NaN when it does not say. */
  readonly instantOf: (raw: RawRow, dateType: string) => number;
  /** An erased person's row is dropped, or kept without what tells of the person. */
  readonly onErased: 'drop' | 'empty';
}

const MESSAGES: Readonly<Partial<Record<ReasonCode, string>>> = {
  BAD_DATE: 'is not a date or time',
  BAD_NUMBER: 'is not a decimal number of the column’s range',
  BAD_BOOLEAN: 'is neither T nor F',
  BAD_TEXT: 'holds a character that PostgreSQL cannot store',
  TOO_LONG: 'is longer than the API documents',
  WRONG_TYPE: 'has another JSON type than the API documents',
  MISSING_KEY: 'is part of the row’s key and missing',
};

interface Encoders {
  readonly row: RowEncoder;
  readonly child: RowEncoder | null;
}

export function createTableMapper(plan: MappingPlan, options: MapperOptions, hash: RowHash): RowMapper<TableRows> {
  const buffer = new CopyBuffer();
  const keys = keyColumnsOf(plan.table);
  const createEncoders = (pii: PiiMode, isEmptied: boolean): Encoders => {
    const settings = { pii, isEmptied, buffer, hash: hash.hashBytes };
    return {
      row: createRowEncoder(plan.table, settings),
      child: plan.child === null ? null : createRowEncoder(plan.child.table, settings),
    };
  };
  const kept = createEncoders(options.pii, false);
  const emptied = plan.onErased === 'empty' ? createEncoders('none', true) : null;
  const mapChildren = createChildMapper(plan);

  function reject(
    raw: unknown,
    key: string | null,
    reasonCode: ReasonCode,
    field: string | null,
  ): MapOutcome<TableRows> {
    const message = field === null ? 'the row is not a JSON object' : `${field} ${MESSAGES[reasonCode] ?? reasonCode}`;
    const rejected = { key, stage: 'VALIDATE', reasonCode, field, message, maskedPayload: maskRow(raw) } as const;
    return { kind: 'rejected', rejected, contentHash: hash.hashText(JSON.stringify(raw) ?? '') };
  }

  return {
    hashKey: hash.hashText,
    mask: (raw) => maskRow(raw),
    map(raw, window) {
      if (!isRawRow(raw)) return reject(raw, null, 'NOT_AN_OBJECT', null);
      const keyValues = readKey(keys, raw);
      if ('reasonCode' in keyValues) return reject(raw, null, keyValues.reasonCode, keyValues.field);
      const key = keyValues.join('|');
      if (window !== null && isOutside(plan, raw, keyValues, window)) return { kind: 'filtered', key };
      const isErased = isErasedRow(raw, options);
      if (isErased && plan.onErased === 'drop') return { kind: 'filtered', key };
      const encoders = isErased && emptied !== null ? emptied : kept;
      const row = encoders.row.encode(raw, keyValues);
      if (isFault(row)) return reject(raw, key, row.reasonCode, row.field);
      const children = mapChildren(encoders.child, raw);
      if ('reasonCode' in children) return reject(raw, key, children.reasonCode, children.field);
      const contentHash = combineHashes(row.hash, children);
      const payload = { row: contentHash === row.hash ? row : { ...row, hash: contentHash }, children };
      return { kind: 'row', row: { key, payload, contentHash } };
    },
  };
}

function isErasedRow(raw: RawRow, options: MapperOptions): boolean {
  const memberId = raw['member_id'];
  return typeof memberId === 'string' && memberId !== '' && options.isErased(memberId);
}

/** The API was seen to answer rows of a neighbouring window; a row that does not say its time is taken at its word. */
function isOutside(plan: MappingPlan, raw: RawRow, keyValues: readonly KeyValue[], window: WindowBounds): boolean {
  if (keyValues[0] !== window.shopNo) return true;
  const instant = plan.instantOf(raw, window.dateType);
  return instant < window.fromMs || instant >= window.untilMs;
}

type ChildMapper = (encoder: RowEncoder | null, parent: RawRow) => readonly EncodedRow[] | CellFault;

const NO_CHILDREN: readonly EncodedRow[] = [];

/** The embedded rows in key order, the later of two with one key. */
function createChildMapper(plan: MappingPlan): ChildMapper {
  if (plan.child === null) return () => NO_CHILDREN;
  const { property, table } = plan.child;
  const keys: readonly Column[] = keyColumnsOf(table);
  return (encoder, parent) => {
    const list = parent[property];
    if (!Array.isArray(list) || encoder === null) return { reasonCode: 'WRONG_TYPE', field: property };
    const rows = new Map<string, EncodedRow>();
    for (const raw of list as readonly unknown[]) {
      if (!isRawRow(raw)) return { reasonCode: 'WRONG_TYPE', field: property };
      const keyValues = readKey(keys, raw, parent);
      const row = 'reasonCode' in keyValues ? keyValues : encoder.encode(raw, keyValues);
      if (isFault(row)) return { ...row, field: `${property}.${row.field}` };
      rows.set(row.keyValues.join('|'), row);
    }
    return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  };
}

const PRIME = 0x9e37_79b9_7f4a_7c15n;

/** One hash for a row and all that is part of it, so that a changed part is a changed row. */
function combineHashes(hash: bigint, children: readonly EncodedRow[]): bigint {
  let combined = hash;
  for (const child of children) combined = BigInt.asUintN(64, combined * PRIME + child.hash);
  return combined;
}
