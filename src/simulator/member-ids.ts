import { formatDay, parseDay } from './korean-time.ts';
import { dayOf, serialOf, toRef } from './row-ref.ts';
import { writeDigits, writeText } from './slots.ts';

export const MEMBER_ID_WIDTH = 16;

const scratch = Buffer.alloc(MEMBER_ID_WIDTH);

/** `u`, the day of joining as YYMMDD, the shop in two digits, the serial in seven: an id alone finds its row. */
export function writeMemberId(slots: Uint8Array, at: number, shopNo: number, ref: number): void {
  const day = formatDay(dayOf(ref));
  slots[at] = 117;
  writeText(slots, at + 1, day.slice(2, 4));
  writeText(slots, at + 3, day.slice(5, 7));
  writeText(slots, at + 5, day.slice(8));
  writeDigits(slots, at + 7, 2, shopNo);
  writeDigits(slots, at + 9, 7, serialOf(ref));
}

export function toMemberId(shopNo: number, ref: number): string {
  writeMemberId(scratch, 0, shopNo, ref);
  return scratch.toString('latin1');
}

export function parseMemberId(memberId: string): { readonly shopNo: number; readonly ref: number } | undefined {
  const [, year, month, dayOfMonth, shop, serial] = /^u(\d\d)(\d\d)(\d\d)(\d\d)(\d{7})$/.exec(memberId) ?? [];
  const day = parseDay(`20${year}-${month}-${dayOfMonth}`);
  return day === undefined ? undefined : { shopNo: Number(shop), ref: toRef(day, Number(serial)) };
}

/** One of the shop's members who joined on the day or in the month before it. */
export type MemberSource = (day: number, hash: number) => number;

export function createMemberSource(sizeOf: (day: number) => number): MemberSource {
  return (day, hash) => {
    const joined = day - (hash % 30);
    return toRef(joined, (hash >>> 5) % Math.max(1, sizeOf(joined)));
  };
}
