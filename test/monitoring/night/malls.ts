import type { DomainType } from '../../../src/domain/domain-type.ts';
import type { FailureReason } from '../../../src/domain/failure.ts';
import type { SimulatedMall } from '../../../src/simulator/mall.ts';
import { AS_IT_IS, type Fate } from '../../support/process-kubelet.ts';
import { buildMall } from '../../support/simulated-malls.ts';
import * as fates from './fates.ts';

/** These refuse what is asked for before there is an execution, so that no execution ends by them. */
export const REFUSALS = ['DuplicateRefused', 'PeriodOpen'] as const satisfies readonly FailureReason[];

export type EndingReason = Exclude<FailureReason, (typeof REFUSALS)[number]>;

export interface NightMall {
  readonly cafe24MallId: string;
  readonly domainTypes: readonly DomainType[];
  readonly simulated: SimulatedMall;
  /** What its first attempt of the night meets. */
  readonly fate: Fate;
  /** What it fails for; null: it does not. */
  readonly reason: EndingReason | null;
}

/** Long past the end of the test: whoever asks is met in the middle of his run. */
const SLOW: Partial<SimulatedMall> = { faults: [{ kind: 'slow', latencyMs: 600_000 }] };

type Way = readonly [domainType: DomainType, simulated?: Partial<SimulatedMall>, fate?: Fate];

/** Each way in which an execution ends that did not complete, with a mall of its own. */
const WAYS: Readonly<Record<EndingReason, Way>> = {
  // its settings in the database are spoilt, see the scene
  ConfigInvalid: ['SALES'],
  AuthFailed: ['MEMBER', { consent: 'lost' }],
  PermissionDenied: ['MEMBER', { faults: [{ endpoint: 'customersprivacy/count', kind: 'scope-403' }] }],
  AppUninstalled: ['ORDER', { behaviour: { rateLimit: false, installed: false } }],
  RateLimited: ['ORDER', { faults: [{ endpoint: 'orders/count', kind: 'bucket-429' }] }, fates.IMPATIENT],
  QuotaExceeded: [
    'MEMBER',
    { faults: [{ endpoint: 'customersprivacy/count', kind: 'usage-429', remainSeconds: 20 }] },
    fates.IMPATIENT,
  ],
  UpstreamUnavailable: ['SALES', { faults: [{ endpoint: 'reports/hourlysales', kind: 'text-503' }] }, fates.UNANSWERED],
  UpstreamContract: ['SALES', { faults: [{ endpoint: 'reports/hourlysales', kind: 'wrong-shape' }] }],
  RejectBudgetExceeded: ['MEMBER', { membersPerDay: 400, poison: { members: { perDay: 200, kinds: ['bad-date'] } } }],
  IncompleteRead: ['ORDER', { faults: [{ endpoint: 'orders/count', kind: 'count-off' }] }],
  DatabaseUnavailable: ['ORDER', {}, fates.WITHOUT_DATABASE],
  LeaseLost: ['MEMBER', {}, fates.HELD_BY_ANOTHER],
  DeadlineExceeded: ['ORDER', SLOW, fates.PAST_DEADLINE],
  OutOfMemory: ['ORDER', SLOW, fates.OUT_OF_MEMORY],
  Evicted: ['SALES', SLOW, fates.EVICTED],
  ImagePull: ['MEMBER', {}, fates.WITHOUT_IMAGE],
  Unschedulable: ['SALES', {}, fates.WITHOUT_NODE],
  Stopped: ['ORDER', SLOW, fates.STOPPED],
  Lost: ['SALES', SLOW, fates.DELETED],
  Bug: ['MEMBER', SLOW, fates.COMPLETE_WITHOUT_END],
};

const ALL: readonly DomainType[] = ['MEMBER', 'ORDER', 'SALES'];

function buildHealthy(cafe24MallId: string, domainTypes = ALL, simulated: Partial<SimulatedMall> = {}): NightMall {
  return {
    cafe24MallId,
    domainTypes,
    simulated: buildMall(cafe24MallId, simulated),
    fate: AS_IT_IS,
    reason: null,
  };
}

/** Its rows of a kind that cannot be stored stay below the reject budget. */
export const SPOILT_MALL = 'spoiltmall';
/** Its consent runs out within three days, since nobody has refreshed it for a while. */
export const EXPIRING_MALL = 'expiringmall';

/** In order of mallId, from 1. */
export const NIGHT_MALLS: readonly NightMall[] = [
  buildHealthy('bakerymall'),
  buildHealthy('booksmall'),
  buildHealthy(SPOILT_MALL, ['MEMBER'], { poison: { members: { perDay: 4, kinds: ['bad-date'] } } }),
  buildHealthy(EXPIRING_MALL, ['MEMBER']),
  ...Object.entries(WAYS).map(([reason, [domainType, simulated = {}, fate = AS_IT_IS]]): NightMall => {
    const cafe24MallId = `${reason.toLowerCase()}mall`;
    return {
      cafe24MallId,
      domainTypes: [domainType],
      simulated: buildMall(cafe24MallId, simulated),
      fate,
      reason: reason as EndingReason,
    };
  }),
];

export const FAILING_MALLS = NIGHT_MALLS.filter(({ reason }) => reason !== null);

export function mallIdOf(cafe24MallId: string): number {
  return NIGHT_MALLS.findIndex((mall) => mall.cafe24MallId === cafe24MallId) + 1;
}
