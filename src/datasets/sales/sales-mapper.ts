import { parseInstant } from '../../adapters/postgres/copy-instant.ts';
import type { MappingPlan } from '../table-mapper.ts';
import { salesTable } from './sales-table.ts';

/** An hour belongs to the window in which it begins. */
export const salesMapping: MappingPlan = {
  table: salesTable,
  child: null,
  instantOf(raw) {
    const hour = String(raw['collection_hour']).padStart(2, '0');
    return parseInstant(`${String(raw['collection_date'])}T${hour}:00`);
  },
  onErased: 'drop',
};
