import { mix, pick } from './random.ts';

export type Currency = 'KRW' | 'USD' | 'JPY';

export type OrderState =
  | 'unpaid'
  | 'preparing'
  | 'shipping'
  | 'delivered'
  | 'partly-cancelled'
  | 'cancelled'
  | 'cancelled-unpaid'
  | 'returned';

export interface OrderLine {
  readonly productNo: number;
  readonly priceCents: number;
  readonly quantity: number;
  readonly isCancelled: boolean;
}

/** Amounts in hundredths of the currency's unit. */
export interface OrderAmounts {
  readonly price: number;
  readonly shippingFee: number;
  readonly points: number;
  readonly coupon: number;
  readonly membership: number;
  readonly payment: number;
}

/** Everything of an order that many orders share; what tells them apart fills the slots. */
export interface OrderProfile {
  readonly index: number;
  readonly state: OrderState;
  readonly isGuest: boolean;
  readonly isBankTransfer: boolean;
  readonly isMobile: boolean;
  readonly lines: readonly OrderLine[];
  readonly initial: OrderAmounts;
  readonly actual: OrderAmounts;
  readonly itemCount: number;
}

const PROFILE_COUNT = 512;
const STATES = [
  'delivered',
  'delivered',
  'delivered',
  'delivered',
  'shipping',
  'preparing',
  'unpaid',
  'partly-cancelled',
  'cancelled',
  'cancelled-unpaid',
  'returned',
] as const satisfies readonly OrderState[];

export function isPaid(state: OrderState): boolean {
  return state !== 'unpaid' && state !== 'cancelled-unpaid';
}

export function isCancelled(state: OrderState): boolean {
  return state === 'cancelled' || state === 'cancelled-unpaid' || state === 'partly-cancelled';
}

export function isShipped(state: OrderState): boolean {
  return state === 'shipping' || state === 'delivered' || state === 'returned' || state === 'partly-cancelled';
}

function toPriceCents(hash: number, currency: Currency): number {
  return currency === 'KRW'
    ? ((hash % 980) + 20) * 10_000
    : currency === 'JPY'
      ? ((hash % 980) + 20) * 1000
      : 500 + (hash % 25_000);
}

function buildLines(hash: (salt: number) => number, count: number, state: OrderState, currency: Currency): OrderLine[] {
  return Array.from({ length: count }, (_, line) => ({
    productNo: 100 + (hash(50 + line) % 400),
    priceCents: toPriceCents(hash(70 + line), currency),
    quantity: hash(90 + line) % 6 === 0 ? 2 : 1,
    isCancelled: state === 'cancelled' || state === 'cancelled-unpaid' || (state === 'partly-cancelled' && line === 0),
  }));
}

function sumAmounts(lines: readonly OrderLine[], shippingFee: number, rebate: number): OrderAmounts {
  const price = lines.reduce((sum, line) => sum + line.priceCents * line.quantity, 0);
  const coupon = rebate % 3 === 0 ? Math.floor(price / 1000) * 100 : 0;
  const points = rebate % 7 === 0 ? Math.floor(price / 2000) * 100 : 0;
  const membership = rebate % 5 === 0 ? Math.floor(price / 5000) * 100 : 0;
  return {
    price,
    shippingFee,
    points,
    coupon,
    membership,
    payment: price + shippingFee - coupon - points - membership,
  };
}

const NOTHING: OrderAmounts = { price: 0, shippingFee: 0, points: 0, coupon: 0, membership: 0, payment: 0 };

function buildProfile(index: number, currency: Currency, itemsPerOrder: number): OrderProfile {
  const hash = (salt: number): number => mix(index * 257 + 11, salt);
  const drawn = pick(STATES, hash(1));
  const lineCount = 1 + (hash(2) % Math.max(1, 2 * itemsPerOrder - 1));
  const state = drawn === 'partly-cancelled' && lineCount < 2 ? 'delivered' : drawn;
  const lines = buildLines(hash, lineCount, state, currency);
  const shippingFee = hash(3) % 2 === 0 ? 0 : currency === 'KRW' ? 300_000 : 750;
  const initial = sumAmounts(lines, shippingFee, hash(4));
  const kept = lines.filter((line) => !line.isCancelled);
  const isNothingLeft = kept.length === 0 || state === 'returned';
  return {
    index,
    state,
    isGuest: hash(5) % 5 === 0,
    isBankTransfer: state === 'unpaid' || state === 'cancelled-unpaid' || hash(6) % 4 === 0,
    isMobile: hash(7) % 3 > 0,
    lines,
    initial,
    actual: isNothingLeft ? NOTHING : sumAmounts(kept, shippingFee, hash(4)),
    itemCount: lines.reduce((sum, line) => sum + line.quantity, 0),
  };
}

const catalogs = new Map<string, readonly OrderProfile[]>();

/** The same for every shop of the currency and basket size. */
export function getOrderProfiles(currency: Currency, itemsPerOrder: number): readonly OrderProfile[] {
  const key = `${currency}|${itemsPerOrder}`;
  let catalog = catalogs.get(key);
  if (catalog === undefined) {
    catalog = Array.from({ length: PROFILE_COUNT }, (_, index) => buildProfile(index, currency, itemsPerOrder));
    catalogs.set(key, catalog);
  }
  return catalog;
}

export function formatCents(cents: number): string {
  return (cents / 100).toFixed(2);
}
