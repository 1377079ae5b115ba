import { parseInstant } from '../../adapters/postgres/copy-instant.ts';
import type { MappingPlan } from '../table-mapper.ts';
import { orderItemTable } from './order-item-table.ts';
import { orderTable } from './order-table.ts';

/** Only these dates stand on the order itself; the others stand on its items, where one of several may be meant. */
const DATE_PROPERTIES: Readonly<Record<string, string>> = { order_date: 'order_date', pay_date: 'payment_date' };

export const orderMapping: MappingPlan = {
  table: orderTable,
  child: { table: orderItemTable, property: 'items' },
  instantOf(raw, dateType) {
    const value = raw[DATE_PROPERTIES[dateType] ?? ''];
    return typeof value === 'string' ? parseInstant(value) : Number.NaN;
  },
  onErased: 'empty',
};
