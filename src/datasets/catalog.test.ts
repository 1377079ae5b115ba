import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { buildColumnDocument } from '../adapters/postgres/table-document.ts';
import { keyColumnsOf } from '../adapters/postgres/upsert-sql.ts';
import { listCopyColumns, listErasedColumns, listFields, type Table } from '../adapters/postgres/table.ts';
import { CATALOG } from './catalog.ts';
import { memberTable } from './member/member-table.ts';
import { orderTable } from './order/order-table.ts';

const TABLES: readonly Table[] = Object.values(CATALOG).flatMap(({ mapping }) =>
  mapping.child === null ? [mapping.table] : [mapping.table, mapping.child.table],
);

describe('the catalog', () => {
  it.each(TABLES.map((table) => [table.name, table] as const))('describes each column of %s once', (_, table) => {
    const names = listCopyColumns(table);
    expect(new Set(names).size).toBe(names.length);
    expect(keyColumnsOf(table).map((column) => column.name)).toEqual(table.keyColumns);
    expect(listFields(table).filter((field) => table.forbidden.includes(field) && field !== 'shop_no')).toEqual([]);
  });

  it('asks for each property once, nested ones by their object', () => {
    expect(listFields(orderTable)).toContain('initial_order_amount');
    expect(listFields(orderTable)).not.toContain('tax');
    expect(new Set(listFields(orderTable)).size).toBe(listFields(orderTable).length);
  });

  it('empties what tells of a person, unknown properties with it, and never a key', () => {
    expect(listErasedColumns(orderTable)).toEqual(
      expect.arrayContaining(['member_id', 'member_email', 'billing_name', 'extra']),
    );
    for (const table of [memberTable, orderTable]) {
      expect(listErasedColumns(table).filter((name) => table.keyColumns.includes(name))).toEqual([]);
    }
  });

  it('is what docs/columns.md says (`vitest -u` writes it anew)', async () => {
    const file = fileURLToPath(new URL('../../docs/columns.md', import.meta.url));
    await expect(buildColumnDocument(TABLES)).toMatchFileSnapshot(file);
  });
});
