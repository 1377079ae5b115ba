import type { RowFlaw } from './poison.ts';
import type { RowStore } from './row-store.ts';
import type { RowText } from './row-template.ts';
import type { RowView } from './row-view.ts';
import type { Timeline } from './row-window.ts';

/** One shop's members or orders: what the answers, the edits and the truth are all made from. */
export interface ShopRows {
  readonly shopNo: number;
  readonly store: RowStore;
  /** The date that a sync of a period goes by. */
  readonly ownDateType: string;
  /** Undefined for a date type that the API does not know; an empty timeline for one that no row here has. */
  timelineOf(dateType: string): Timeline | undefined;
  keyOf(ref: number): string;
  refOf(key: string): number | undefined;
  toTexts(refs: readonly number[], view: RowView): RowText[];
  toObject(ref: number, view: RowView): Record<string, unknown>;
  flawOf(ref: number): RowFlaw | undefined;
  /** The row's part of the truth's checksum. */
  toCanonicalText(ref: number): string;
}
