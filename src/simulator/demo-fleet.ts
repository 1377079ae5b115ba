import type { SimulatedMall } from './mall.ts';
import { hashText } from './random.ts';
import { toInitialRefreshToken } from './token-store.ts';

const ALL_FLAWS = ['bad-date', 'nul-character', 'too-long', 'wrong-type', 'missing-key', 'bad-amount'] as const;

interface DemoMall extends Omit<SimulatedMall, 'clientId' | 'clientSecret'> {
  readonly name: string;
}

/** Rows a day together: members and orders. */
const HEALTHY: readonly DemoMall[] = [
  {
    cafe24MallId: 'sample-bakery',
    name: 'Sample Bakery',
    membersPerDay: { base: 120, spread: 30 },
    ordersPerDay: { base: 180, spread: 40 },
  },
  {
    cafe24MallId: 'sample-books',
    name: 'Sample Books',
    membersPerDay: { base: 300, spread: 60 },
    ordersPerDay: { base: 420, spread: 90 },
  },
  {
    cafe24MallId: 'sample-camping',
    name: 'Sample Camping',
    membersPerDay: { base: 500, spread: 100 },
    ordersPerDay: { base: 650, spread: 120 },
  },
  {
    cafe24MallId: 'sample-denim',
    name: 'Sample Denim',
    membersPerDay: { base: 900, spread: 150 },
    ordersPerDay: { base: 1200, spread: 200 },
    itemsPerOrder: 3,
  },
  {
    cafe24MallId: 'sample-electro',
    name: 'Sample Electro',
    membersPerDay: { base: 1400, spread: 200 },
    ordersPerDay: { base: 1600, spread: 250 },
  },
  {
    cafe24MallId: 'sample-garden',
    name: 'Sample Garden',
    membersPerDay: { base: 200, spread: 40 },
    ordersPerDay: { base: 150, spread: 50 },
  },
  {
    cafe24MallId: 'sample-tea',
    name: 'Sample Tea',
    membersPerDay: { base: 90, spread: 20 },
    ordersPerDay: { base: 110, spread: 30 },
  },
];

const TROUBLED: readonly DemoMall[] = [
  {
    cafe24MallId: 'sample-poison',
    name: 'Sample Poison (spoilt rows)',
    membersPerDay: 400,
    ordersPerDay: 400,
    poison: {
      members: { perDay: 8, kinds: [...ALL_FLAWS, 'duplicate-in-page', 'duplicate-across-pages'] },
      orders: { perDay: 6, kinds: [...ALL_FLAWS] },
    },
  },
  {
    cafe24MallId: 'sample-lost',
    name: 'Sample Lost (consent lost)',
    membersPerDay: 300,
    ordersPerDay: 300,
    consent: 'lost',
  },
  {
    cafe24MallId: 'sample-world',
    name: 'Sample World (three shops)',
    membersPerDay: { base: 600, spread: 80 },
    ordersPerDay: { base: 500, spread: 80 },
    shops: [
      { shopNo: 1, name: 'Sample World Korea' },
      { shopNo: 2, name: 'Sample World US', currency: 'USD', timezone: 'America/Los_Angeles' },
      { shopNo: 3, name: 'Sample World Outlet' },
    ],
  },
  {
    cafe24MallId: 'sample-busy',
    name: 'Sample Busy (429 and 503 for a while)',
    membersPerDay: 350,
    ordersPerDay: 350,
    faults: [
      { endpoint: 'customersprivacy', kind: 'usage-429', times: 1, remainSeconds: 3 },
      { endpoint: 'orders', kind: 'bucket-429', times: 2 },
      { endpoint: 'orders/count', kind: 'text-503', times: 2 },
      { endpoint: 'reports/hourlysales', kind: 'text-503', times: 1 },
    ],
  },
  {
    cafe24MallId: 'sample-unapproved',
    name: 'Sample Unapproved (no statistics)',
    membersPerDay: 250,
    ordersPerDay: 300,
    behaviour: { statisticsApproved: false },
  },
  {
    cafe24MallId: 'sample-asleep',
    name: 'Sample Asleep (inactive)',
    membersPerDay: 200,
    ordersPerDay: 200,
    active: false,
  },
];

const DEMO: readonly DemoMall[] = [...HEALTHY, ...TROUBLED];

export const DEMO_MALLS = DEMO.length;

/**
 * The malls of the demo: healthy ones of several sizes, and one for each trouble that an operator meets. Only the first
 * `count` of them, or all and further healthy small ones.
 */
export function buildDemoFleet(seed: number, count = DEMO_MALLS): SimulatedMall[] {
  const further = Array.from({ length: Math.max(0, count - DEMO_MALLS) }, (_, i) => buildSmallMall(DEMO_MALLS + i + 1));
  return [...DEMO.slice(0, count), ...further].map((mall) => ({
    ...mall,
    clientId: `client-${mall.cafe24MallId}`,
    clientSecret: `secret-${hashText(mall.cafe24MallId, seed).toString(36)}`,
    refreshToken: toInitialRefreshToken(mall.cafe24MallId, seed),
  }));
}

function buildSmallMall(number: number): DemoMall {
  return {
    cafe24MallId: `sample-shop-${number}`,
    name: `Sample Shop ${number}`,
    membersPerDay: { base: 40, spread: 20 },
    ordersPerDay: { base: 60, spread: 30 },
  };
}

export interface ImportedMall {
  readonly mallId: number;
  readonly cafe24MallId: string;
  readonly name: string;
  readonly active: boolean;
  readonly domainTypes: readonly string[];
  /** Null: ask the API. */
  readonly shopNos: null;
  readonly labels: Readonly<Record<string, string>>;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
}

/** The list that `malls import` takes. `seed` is the simulator's: tokens that a mall does not name follow from it. */
export function toImportFile(fleet: readonly SimulatedMall[], seed = 1): ImportedMall[] {
  return fleet.map((mall, index) => ({
    mallId: index + 1,
    cafe24MallId: mall.cafe24MallId,
    name: mall.name ?? mall.cafe24MallId,
    active: mall.active ?? true,
    domainTypes: ['MEMBER', 'ORDER', 'SALES'],
    shopNos: null,
    labels: { fleet: 'simulated' },
    clientId: mall.clientId,
    clientSecret: mall.clientSecret,
    refreshToken: mall.refreshToken ?? toInitialRefreshToken(mall.cafe24MallId, seed),
  }));
}
