import type { FailureReason } from '../../src/domain/failure.ts';
import type { DomainType } from '../../src/domain/domain-type.ts';
import { ALL_SCOPES, type SimulatedMall } from '../../src/simulator/mall.ts';
import type { SimulatorControl } from '../../src/simulator/control.ts';
import { buildMall } from './simulated-malls.ts';

export interface TroubledMall {
  readonly cafe24MallId: string;
  readonly reason: FailureReason;
  readonly domainTypes: readonly DomainType[];
}

/** Five malls fail, each in its own way. */
export const TROUBLED: readonly TroubledMall[] = [
  { cafe24MallId: 'lostmall', reason: 'AuthFailed', domainTypes: ['MEMBER', 'ORDER', 'SALES'] },
  { cafe24MallId: 'leftmall', reason: 'AppUninstalled', domainTypes: ['MEMBER', 'ORDER', 'SALES'] },
  { cafe24MallId: 'scopemall', reason: 'PermissionDenied', domainTypes: ['MEMBER'] },
  { cafe24MallId: 'countmall', reason: 'IncompleteRead', domainTypes: ['ORDER'] },
  { cafe24MallId: 'shapemall', reason: 'UpstreamContract', domainTypes: ['SALES'] },
];

/** The mall whose night ended with rejected rows. */
export const SPOILT_MALL = 'spoiltmall';
/** Those of its fingerprints that are of one kind, which replay alone. */
export const SPOILT_ROWS = 4;

/** Malls 1 to 9 of a night in which five fail and one has rows that cannot be stored. */
export const NIGHT_MALLS: readonly SimulatedMall[] = [
  buildMall('bakerymall', { name: 'Harbour Bakery' }),
  buildMall('lostmall', { name: 'Lost Consent', consent: 'lost' }),
  buildMall('booksmall', { name: 'Corner Books' }),
  buildMall('scopemall', {
    name: 'No Members Scope',
    scopes: ALL_SCOPES.filter((scope) => !scope.includes('privacy')),
  }),
  buildMall('countmall', { name: 'Miscounted Orders', faults: [{ endpoint: 'orders/count', kind: 'count-off' }] }),
  buildMall('leftmall', { name: 'Left Long Ago', behaviour: { rateLimit: false, installed: false } }),
  buildMall('shapemall', { name: 'Odd Sales', faults: [{ endpoint: 'reports/hourlysales', kind: 'wrong-shape' }] }),
  buildMall('teamall', { name: 'Tea House' }),
  buildMall(SPOILT_MALL, {
    name: 'Spoilt Rows',
    poison: { members: { perDay: SPOILT_ROWS, kinds: ['bad-date'] } },
  }),
];

/** The cause of two of the five is gone, as if someone had called the shop and Cafe24. */
export function mendTwo(control: SimulatorControl): void {
  control.clearFaults('countmall');
  control.clearFaults('shapemall');
}
