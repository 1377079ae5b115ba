import { formatDay, parseDay } from './korean-time.ts';
import { dayOf, serialOf, toRef } from './row-ref.ts';

/** Member ids carry the day, shop and serial they were made from, so that an id alone finds its row. */
export function toMemberId(shopNo: number, ref: number): string {
  const day = formatDay(dayOf(ref));
  const serial = String(serialOf(ref) + 10_000_000).slice(1);
  return `u${day.slice(2, 4)}${day.slice(5, 7)}${day.slice(8)}${shopNo < 10 ? '0' : ''}${shopNo}${serial}`;
}

export function parseMemberId(memberId: string): { readonly shopNo: number; readonly ref: number } | undefined {
  const [, year, month, dayOfMonth, shop, serial] = /^u(\d\d)(\d\d)(\d\d)(\d\d)(\d{7})$/.exec(memberId) ?? [];
  const day = parseDay(`20${year}-${month}-${dayOfMonth}`);
  return day === undefined ? undefined : { shopNo: Number(shop), ref: toRef(day, Number(serial)) };
}

/** The id of one of the shop's members who joined on the day or in the month before it. */
export type MemberIdSource = (day: number, hash: number) => string;

export function createMemberIdSource(shopNo: number, sizeOf: (day: number) => number): MemberIdSource {
  return (day, hash) => {
    const joined = day - (hash % 30);
    return toMemberId(shopNo, toRef(joined, (hash >>> 5) % Math.max(1, sizeOf(joined))));
  };
}
