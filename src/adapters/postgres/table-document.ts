import { BOOKKEEPING_COLUMNS, COLUMN_TYPES, type Column, type Table } from './table.ts';

const BOOKKEEPING_MEANING: Readonly<Record<keyof typeof BOOKKEEPING_COLUMNS, string>> = {
  observed_at: 'when the API answered with this content',
  first_execution_id: 'the execution that stored the row',
  changed_execution_id: 'the execution that changed it last',
  content_hash: 'tells equal content from changed; set it to 0 by hand and the next reading writes the row anew',
  missing_since: 'a complete reading of its window no longer had it; null while it is there',
};

/** The stored columns as a document for the people who query them, in Markdown. */
export function buildColumnDocument(tables: readonly Table[]): string {
  return `${['# Columns', INTRODUCTION, ...tables.map(describeTable)].join('\n\n')}\n`;
}

const INTRODUCTION = [
  'Made from the table descriptions under `src/datasets`. Columns carry the names of the API’s properties; times are Korean',
  'where the API says no offset, amounts are exact decimals. What is personal is stored as `MALLSYNC_PII` says.',
].join('\n');

function describeTable(table: Table): string {
  const rows = [
    ['mall_id', 'bigint', 'key', ''],
    ...table.columns.map((column) => describeColumn(column, table)),
    ...Object.entries(BOOKKEEPING_COLUMNS).map(([name, type]) => [name, type, '', toMeaning(name)]),
    ['extra', 'jsonb', '', 'properties that no column is made of'],
  ];
  const lines = rows.map((cells) => `| ${cells.join(' | ')} |`);
  const never = table.forbidden.map((property) => `\`${property}\``).join(', ');
  return [
    `## ${table.name}`,
    '',
    '| column | type | | from |',
    '| --- | --- | --- | --- |',
    ...lines,
    ...(never === '' ? [] : ['', `Never stored: ${never}.`]),
  ].join('\n');
}

function describeColumn(column: Column, table: Table): readonly string[] {
  const { property, object, isOfParent } = column.source;
  const origin = object === undefined ? `\`${property}\`` : `\`${object}.${property}\``;
  const marks = [
    ...(table.keyColumns.includes(column.name) ? ['key'] : []),
    ...(column.dataClass === 'personal' ? ['personal'] : []),
  ];
  return [
    column.name,
    COLUMN_TYPES[column.type],
    marks.join(', '),
    isOfParent === true ? `${origin} of the row it is part of` : origin,
  ];
}

function toMeaning(name: string): string {
  return Object.entries(BOOKKEEPING_MEANING).find(([column]) => column === name)?.[1] ?? '';
}
