import type { WindowBounds } from '../../domain/window.ts';
import type { Bucket } from '../../domain/rate-budget.ts';

export type Query = Readonly<Record<string, string>>;

/** One list endpoint of the Admin API, as data: all that paging, counting and splitting need to know of it. */
export interface ListResource {
  /** Path below `/api/v2/admin/`, e.g. `customersprivacy`. */
  readonly path: string;
  /** The top-level key of the answer that holds the rows. */
  readonly rowsKey: string;
  readonly bucket: Bucket;
  readonly count: { readonly path: string; readonly bucket: Bucket } | null;
  readonly maxLimit: number;
  readonly maxOffset: number;
  /** Rows a window may hold before it is split. */
  readonly windowCeiling: number;
  /** The longest range of one query in milliseconds. */
  readonly longestRangeMs: number;
  /** The passes over a period, e.g. `['order_date', 'pay_date']`. */
  readonly dateTypes: readonly string[];
  /** The fields asked for by name; a whole row is asked for now and then to notice new ones. */
  readonly fields: readonly string[];
  /** The filter of a window (API bounds are inclusive: up to the upper end - 1 s), without limit, offset and fields. */
  toQuery(window: WindowBounds): Query;
  /** The filter that finds rows by key, and how many keys one call takes; null where rows have no such filter. */
  readonly byKeys: { readonly maxKeys: number; toQuery(shopNo: number, ids: readonly string[]): Query } | null;
}
