import { DAY_SECONDS, parseApiTime, toDay, toSecondOfDay } from './korean-time.ts';
import type { MallState } from './mall-state.ts';
import type { RowEdit } from './row-edit-schema.ts';
import { selectWindow } from './row-window.ts';
import type { ShopRows } from './shop-rows.ts';

function parseSecond(text: string): number {
  const second = parseApiTime(text, false);
  if (second === undefined) throw new RangeError(`${text} is not YYYY-MM-DDTHH:MM:SS`);
  return second;
}

/** A period as DESIGN means it: an end at midnight is exclusive. */
function toInclusiveEnd(text: string): number {
  const end = parseSecond(text);
  return end % DAY_SECONDS === DAY_SECONDS - 9 * 3600 ? end - 1 : end;
}

function selectRefs(rows: ShopRows, edit: Exclude<RowEdit, { op: 'add' }>): number[] {
  if (edit.keys !== undefined) {
    return edit.keys.map((key) => {
      const ref = rows.refOf(key);
      if (ref === undefined) throw new RangeError(`no row ${key} in shop ${rows.shopNo}`);
      return ref;
    });
  }
  if (edit.startDate === undefined || edit.endDate === undefined) {
    throw new RangeError('an edit names keys, or startDate and endDate');
  }
  const timeline = rows.timelineOf(rows.ownDateType);
  if (timeline === undefined) return [];
  const window = selectWindow(timeline, parseSecond(edit.startDate), toInclusiveEnd(edit.endDate));
  return [...new Set(window.page(0, edit.count ?? window.size, 'asc'))];
}

function applyTo(rows: ShopRows, edit: RowEdit): readonly number[] {
  const { edits } = rows.store;
  if (edit.op === 'add') {
    const at = parseSecond(edit.at);
    const day = toDay(at);
    return edits.add(day, toSecondOfDay(at), edit.count, rows.store.baseSize(day));
  }
  const refs = selectRefs(rows, edit);
  switch (edit.op) {
    case 'remove':
      edits.remove(refs);
      break;
    case 'hide':
      edits.hide(refs);
      break;
    case 'change':
      edits.change(refs, edit.fields);
      break;
    case 'repeat':
      edits.poison(refs, edit.where);
      break;
    case 'poison':
      edits.poison(refs, edit.kind);
      break;
    case 'heal':
      edits.heal(refs);
      break;
  }
  return refs;
}

/** The keys of the rows edited; none yet for an edit that waits for later calls. */
export function editRows(mall: MallState, edit: RowEdit): string[] {
  const shop = mall.data.shop(edit.shopNo);
  if (shop === undefined) throw new RangeError(`no shop ${edit.shopNo}`);
  const rows = edit.domainType === 'MEMBER' ? shop.members : shop.orders;
  if (edit.after === undefined) return applyTo(rows, edit).map((ref) => rows.keyOf(ref));
  mall.editAfter(edit.after.endpoint, edit.after.calls, () => applyTo(rows, edit));
  return [];
}
