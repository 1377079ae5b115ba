const SERIALS_PER_DAY = 2 ** 24;

/** One number that names a row within its shop: the Korean day it was made on and its serial in that day. */
export function toRef(day: number, serial: number): number {
  return day * SERIALS_PER_DAY + serial;
}

export function dayOf(ref: number): number {
  return Math.floor(ref / SERIALS_PER_DAY);
}

export function serialOf(ref: number): number {
  return ref % SERIALS_PER_DAY;
}
