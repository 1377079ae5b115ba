import type { Column, ColumnType } from '../adapters/postgres/table.ts';

type ColumnDetail = Partial<Pick<Column, 'source' | 'dataClass' | 'maxLength' | 'absent'>>;

/** A column named as the API names its property, holding nothing personal unless said. */
export function column(name: string, type: ColumnType, detail: ColumnDetail = {}): Column {
  return { name, type, source: { property: name }, dataClass: 'none', ...detail };
}

export function columns(type: ColumnType, names: readonly string[]): readonly Column[] {
  return names.map((name) => column(name, type));
}

export function personalColumn(name: string, type: ColumnType, maxLength?: number): Column {
  return column(name, type, { dataClass: 'personal', ...(maxLength === undefined ? {} : { maxLength }) });
}
