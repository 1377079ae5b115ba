import type { DataClass } from '../../domain/personal-data.ts';

/**
 * How a value of the API becomes a value of PostgreSQL. `boolean` is the API's T/F, `instant` any of its four date
 * forms, `strings` a list of texts, `json` whatever it nests.
 */
export const COLUMN_TYPES = {
  text: 'text',
  integer: 'integer',
  bigint: 'bigint',
  numeric: 'numeric',
  boolean: 'boolean',
  date: 'date',
  instant: 'timestamptz',
  strings: 'text[]',
  json: 'jsonb',
} as const;
export type ColumnType = keyof typeof COLUMN_TYPES;

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** The property of the API's row, or of the object in it that `source.object` names. */
  readonly source: ColumnSource;
  readonly dataClass: Exclude<DataClass, 'forbidden'>;
  /** Characters, as Cafe24 documents them; undefined for no limit. */
  readonly maxLength?: number;
  /** Stored where the API's row has no such property. */
  readonly absent?: string;
}

export interface ColumnSource {
  readonly property: string;
  /** A nested object that the column is flattened out of. */
  readonly object?: string;
  /** The property belongs to the row that this row is part of. */
  readonly isOfParent?: boolean;
}

/** One stored table of a domain type: the only place that names its columns. */
export interface Table {
  /** Without schema. */
  readonly name: string;
  /** Of `columns`, what identifies a row within a mall, in key order. */
  readonly keyColumns: readonly string[];
  readonly columns: readonly Column[];
  /** Properties that are known and never stored, wherever they turn up. */
  readonly forbidden: readonly string[];
  /** Rows always arrive whole, so that a changed unknown property is a changed row. */
  readonly isAlwaysWhole: boolean;
  /** Emptied, beside the personal columns, when the person is erased. */
  readonly erasedColumns: readonly string[];
  /** Finds the stored rows of a window; null where windows are not judged by a date of this table. */
  readonly timeline: Timeline | null;
}

export interface Timeline {
  readonly dateType: string;
  /** SQL over the table alias `t`: the instant that a window's bounds are compared with. */
  readonly instant: string;
  /** SQL over `t`, `$3` and `$4` (the bounds): a wider condition that the index serves. */
  readonly reach: string;
}

/** Every table begins with the mall and these columns, and ends with `extra`. */
export const BOOKKEEPING_COLUMNS = {
  observed_at: 'timestamptz',
  first_execution_id: 'bigint',
  changed_execution_id: 'bigint',
  content_hash: 'bigint',
  missing_since: 'timestamptz',
} as const;

/** The columns of one COPY line, in order. */
export function listCopyColumns(table: Table): readonly string[] {
  const written = Object.keys(BOOKKEEPING_COLUMNS).filter((name) => name !== 'missing_since');
  return ['mall_id', ...written, ...table.columns.map((column) => column.name), 'extra'];
}

/** The properties to ask the API for by name. */
export function listFields(table: Table): readonly string[] {
  const own = table.columns.filter((column) => column.source.isOfParent !== true && column.absent === undefined);
  return [...new Set(own.map(({ source }) => source.object ?? source.property))];
}

/** The columns that tell of a person, to be emptied when the person is erased. */
export function listErasedColumns(table: Table): readonly string[] {
  const personal = table.columns.filter((column) => column.dataClass === 'personal').map((column) => column.name);
  return [...personal, ...table.erasedColumns, 'extra'];
}
