import type { PersonalTable } from '../adapters/postgres/erase.ts';
import { listErasedColumns } from '../adapters/postgres/table.ts';
import { memberTable } from '../datasets/member/member-table.ts';
import { orderTable } from '../datasets/order/order-table.ts';

/** The tables that tell of members. An order outlives its buyer, without what tells of the person. */
export const PERSONAL_TABLES: readonly PersonalTable[] = [
  { name: memberTable.name, domainType: 'MEMBER', memberColumn: 'member_id', erasure: { kind: 'delete' } },
  {
    name: orderTable.name,
    domainType: 'ORDER',
    memberColumn: 'member_id',
    erasure: { kind: 'empty', columns: listErasedColumns(orderTable), idColumn: 'order_id' },
  },
];
