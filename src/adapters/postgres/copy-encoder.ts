import type { PiiMode } from '../../domain/personal-data.ts';
import type { ReasonCode } from '../../domain/row-error.ts';
import type { CopyBuffer } from './copy-buffer.ts';
import { writeNothing, type CellWriter } from './copy-cell.ts';
import { isNeverStored, toStorableJson } from './copy-json.ts';
import { createColumnWriter } from './copy-masked-cell.ts';
import { createShapeFinder, type RawRow, type Shape } from './copy-shape.ts';
import type { Column, Table } from './table.ts';

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
  encode(raw: RawRow, keyValues: readonly KeyValue[]): EncodedRow | CellFault;
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
  readonly field: string;
  readonly write: CellWriter;
  readonly absent: string | undefined;
  /** The object that the value comes from, as a place in the encoder's list of objects; the key values for KEY. */
  readonly object: number;
  /** Place among the wanted properties of that object, or among the key values. */
  readonly at: number;
}

/** The row itself (named '') or an object in it that columns are flattened out of. */
interface Source {
  readonly property: string;
  readonly wanted: string[];
  readonly findShape: (source: RawRow) => Shape;
}

/** One of a row's objects, with its values at hand by place. */
interface View {
  readonly property: string;
  readonly shape: Shape;
  readonly values: readonly unknown[];
}

const KEY = -1;
const NOTHING: RawRow = {};
/** Takes the place of what was stored when more was allowed; the merge knows it. */
const WITHHELD_EXTRA = '{}';
const UNSTORABLE_EXTRA = '{"unstorable":true}';

export function isFault(outcome: object): outcome is CellFault {
  return 'reasonCode' in outcome;
}

export function isRawRow(value: unknown): value is RawRow {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function createRowEncoder(table: Table, options: EncoderOptions): RowEncoder {
  const { buffer, hash } = options;
  const pii = options.isEmptied ? 'none' : options.pii;
  const sources = listSources(table);
  const cells = table.columns.map((column) =>
    buildCell(
      column,
      table,
      sources,
      options.isEmptied && table.erasedColumns.includes(column.name) ? writeNothing : createColumnWriter(column, pii),
    ),
  );
  const views: View[] = [];

  return {
    encode(raw, keyValues) {
      let hasUnknown = false;
      for (const [index, { property, findShape }] of sources.entries()) {
        const object = index === 0 ? raw : (raw[property] ?? NOTHING);
        if (!isRawRow(object)) return { reasonCode: 'WRONG_TYPE', field: property };
        const view = { property, shape: findShape(object), values: Object.values(object) };
        views[index] = view;
        if (view.shape.unknown.length > 0) hasUnknown = true;
      }
      buffer.begin();
      for (const cell of cells) {
        const value = cell.object === KEY ? keyValues[cell.at] : readValue(views[cell.object], cell.at);
        const fault = cell.write(buffer, value === undefined ? cell.absent : value);
        if (fault !== undefined) return { reasonCode: fault, field: cell.field };
        buffer.addTab();
      }
      const columnsHash = table.isAlwaysWhole ? 0n : hash(buffer.view());
      // what an unknown property says is unknown too, so it is only kept where everything may be
      const extra = pii !== 'full' ? WITHHELD_EXTRA : hasUnknown ? toExtra(views) : undefined;
      if (extra === undefined) buffer.addNull();
      else buffer.addText(extra);
      const line = buffer.end();
      return {
        keyValues,
        line,
        hash: table.isAlwaysWhole ? hash(line) : columnsHash,
        hasExtra: hasUnknown && pii === 'full',
      };
    },
  };
}

function readValue(view: View | undefined, wanted: number): unknown {
  const place = view?.shape.places[wanted] ?? -1;
  return place < 0 ? undefined : view?.values[place];
}

function listSources(table: Table): readonly Source[] {
  const nested = new Set(table.columns.flatMap(({ source }) => source.object ?? []));
  const isKnownOfRow = (property: string): boolean =>
    nested.has(property) ||
    table.forbidden.includes(property) ||
    isNeverStored(property) ||
    table.columns.some((column) => column.source.object === undefined && column.source.property === property);
  return ['', ...nested].map((property) => {
    const wanted: string[] = [];
    return { property, wanted, findShape: createShapeFinder(wanted, property === '' ? isKnownOfRow : isNeverStored) };
  });
}

function buildCell(column: Column, table: Table, sources: readonly Source[], write: CellWriter): Cell {
  const { property, object: inObject } = column.source;
  const field = inObject === undefined ? property : `${inObject}.${property}`;
  const keyAt = table.keyColumns.indexOf(column.name);
  if (keyAt >= 0) return { field, write, absent: undefined, object: KEY, at: keyAt };
  const object = sources.findIndex((source) => source.property === (inObject ?? ''));
  const at = (sources[object]?.wanted.push(property) ?? 0) - 1;
  return { field, write, absent: column.absent, object, at };
}

/** The properties that no column is made of, those of a nested object under `object.property`. */
function toExtra(views: readonly View[]): string {
  const extra: Record<string, unknown> = {};
  for (const { property, shape, values } of views) {
    for (const place of shape.unknown) {
      const name = shape.names[place] ?? '';
      extra[property === '' ? name : `${property}.${name}`] = values[place];
    }
  }
  return toStorableJson(extra) ?? UNSTORABLE_EXTRA;
}
