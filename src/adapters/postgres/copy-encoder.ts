import type { PiiMode } from '../../domain/personal-data.ts';
import type { ReasonCode } from '../../domain/row-error.ts';
import type { CopyBuffer } from './copy-buffer.ts';
import { isNeverStored, toStorableJson } from './copy-json.ts';
import { createColumnWriter } from './copy-masked-cell.ts';
import { writeNothing, type CellWriter } from './copy-cell.ts';
import type { Table } from './table.ts';

export type RawRow = Readonly<Record<string, unknown>>;
export type KeyValue = string | number;

/** A row as the tables take it. */
export interface EncodedRow {
  readonly keyValues: readonly KeyValue[];
  /** COPY text of the table's columns and `extra`. */
  readonly line: Uint8Array;
  /** Of the columns' text, and of `extra` where rows always arrive whole. */
  readonly hash: bigint;
  readonly hasExtra: boolean;
}

export interface CellFault {
  readonly reasonCode: ReasonCode;
  /** As the API names it. */
  readonly field: string;
}

export type HashBytes = (bytes: Uint8Array) => bigint;

export interface RowEncoder {
  readonly table: Table;
  encode(raw: RawRow, keyValues: readonly KeyValue[], parent?: RawRow): EncodedRow | CellFault;
}

export interface EncoderOptions {
  readonly pii: PiiMode;
  /** The person behind the row is erased: what is personal and what leads to the person stays empty. */
  readonly isEmptied: boolean;
  readonly hash: HashBytes;
  /** Shared by the encoders of one mapper; lines are written into it one after another. */
  readonly buffer: CopyBuffer;
}

interface Cell {
  readonly property: string;
  readonly field: string;
  /** Place in the list of objects that values come from: the row itself, its parent, then the nested ones. */
  readonly place: number;
  readonly write: CellWriter;
  readonly absent: string | undefined;
}

const ROW = 0;
const PARENT = 1;
const NOTHING: RawRow = {};
/** Takes the place of what was stored when more was allowed; the merge knows it. */
const WITHHELD_EXTRA = '{}';
const UNSTORABLE_EXTRA = '{"unstorable":true}';

export function isFault(outcome: EncodedRow | CellFault): outcome is CellFault {
  return 'reasonCode' in outcome;
}

export function createRowEncoder(table: Table, options: EncoderOptions): RowEncoder {
  const { buffer, hash } = options;
  const pii = options.isEmptied ? 'none' : options.pii;
  const nested = listNested(table);
  const cells = table.columns.map((column): Cell => {
    const { object, property, isOfParent } = column.source;
    return {
      property,
      field: object === undefined ? property : `${object}.${property}`,
      place: isOfParent === true ? PARENT : object === undefined ? ROW : nested.indexOf(object) + 2,
      write:
        options.isEmptied && table.erasedColumns.includes(column.name) ? writeNothing : createColumnWriter(column, pii),
      absent: column.absent,
    };
  });
  // what an unknown property says is unknown too, so it is only kept where everything may be
  const toExtra = pii === 'full' ? createExtraFinder(table, cells, nested) : (): string => WITHHELD_EXTRA;

  return {
    table,
    encode(raw, keyValues, parent = NOTHING) {
      const places: RawRow[] = [raw, parent];
      for (const property of nested) {
        const inner = raw[property] ?? NOTHING;
        if (!isRawRow(inner)) return { reasonCode: 'WRONG_TYPE', field: property };
        places.push(inner);
      }
      buffer.begin();
      for (let i = 0; i < cells.length; i++) {
        const cell = cells[i] as Cell;
        const value = (places[cell.place] as RawRow)[cell.property];
        const fault = cell.write(buffer, value === undefined ? cell.absent : value);
        if (fault !== undefined) return { reasonCode: fault, field: cell.field };
        buffer.addTab();
      }
      const columnsHash = table.isAlwaysWhole ? 0n : hash(buffer.view());
      const extra = toExtra(places);
      if (extra === undefined) buffer.addNull();
      else buffer.addText(extra);
      const line = buffer.end();
      return {
        keyValues,
        line,
        hash: table.isAlwaysWhole ? hash(line) : columnsHash,
        hasExtra: extra !== undefined && extra !== WITHHELD_EXTRA,
      };
    },
  };
}

export function isRawRow(value: unknown): value is RawRow {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listNested(table: Table): readonly string[] {
  return [...new Set(table.columns.flatMap(({ source }) => (source.object === undefined ? [] : [source.object])))];
}

/** COPY text for `extra`; undefined in the usual case that there is nothing to keep. */
type ExtraFinder = (places: readonly RawRow[]) => string | undefined;

/** Collects the properties that no column is made of. */
function createExtraFinder(table: Table, cells: readonly Cell[], nested: readonly string[]): ExtraFinder {
  const known = [ROW, PARENT, ...nested.map((_, index) => index + 2)].map(
    (place) => new Set(cells.filter((cell) => cell.place === place).map((cell) => cell.property)),
  );
  known[ROW] = new Set([...(known[ROW] ?? []), ...nested, ...table.forbidden]);

  return (places) => {
    let extra: Record<string, unknown> | undefined;
    for (let place = 0; place < places.length; place++) {
      if (place === PARENT) continue;
      const names = known[place] as ReadonlySet<string>;
      const source = places[place] as RawRow;
      for (const property in source) {
        if (names.has(property) || isNeverStored(property)) continue;
        extra ??= {};
        extra[place === ROW ? property : `${nested[place - 2]}.${property}`] = source[property];
      }
    }
    return extra === undefined ? undefined : (toStorableJson(extra) ?? UNSTORABLE_EXTRA);
  };
}
