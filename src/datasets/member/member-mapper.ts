import { parseInstant } from '../../adapters/postgres/copy-instant.ts';
import type { MappingPlan } from '../table-mapper.ts';
import { memberTable } from './member-table.ts';

/** The date of the row that windows of a date type are judged by. */
const DATE_PROPERTIES: Readonly<Record<string, string>> = { join: 'created_date', login: 'last_login_date' };

export const memberMapping: MappingPlan = {
  table: memberTable,
  child: null,
  instantOf(raw, dateType) {
    const value = raw[DATE_PROPERTIES[dateType] ?? ''];
    return typeof value === 'string' ? parseInstant(value) : Number.NaN;
  },
  onErased: 'drop',
};
