import type { SimulatedMall } from '../../../src/simulator/mall.ts';
import { ROW_FLAWS } from '../../../src/simulator/poison.ts';
import { buildMall } from '../../support/simulated-malls.ts';
import { NIGHT_MALLS } from '../../support/troubled-night.ts';

const FLAWS = { perDay: 12, kinds: [...ROW_FLAWS] };

/** Whatever may put a value of a row or a secret into the text of an error: flawed rows, broken and cut answers, refusals. */
export const TROUBLED_MALLS: readonly SimulatedMall[] = [
  ...NIGHT_MALLS,
  buildMall('flawedmall', { poison: { members: FLAWS, orders: FLAWS } }),
  buildMall('oddmembermall', { faults: [{ endpoint: 'customersprivacy', kind: 'wrong-shape' }] }),
  buildMall('cutmall', {
    faults: [
      { endpoint: 'customersprivacy', kind: 'truncated-json', times: 1 },
      { endpoint: 'orders', kind: 'cut-body', times: 1 },
      { endpoint: 'orders/count', kind: 'html-502', times: 1 },
      { endpoint: 'reports/hourlysales', kind: 'reset', times: 1 },
    ],
  }),
  buildMall('refusingmall', { faults: [{ endpoint: 'orders', kind: 'invalid-422' }] }),
  buildMall('tokenmall', {
    faults: [
      { endpoint: 'token', kind: 'truncated-json', times: 1 },
      { endpoint: 'customersprivacy', kind: 'invalid-401', times: 1 },
    ],
  }),
];

export function mallIdOf(cafe24MallId: string): number {
  return 1 + TROUBLED_MALLS.findIndex((mall) => mall.cafe24MallId === cafe24MallId);
}
