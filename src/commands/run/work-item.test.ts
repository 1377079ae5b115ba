import { expect, it } from 'vitest';
import type { DomainType } from '../../domain/domain-type.ts';
import type { Mall } from '../../domain/mall.ts';
import { parsePeriod } from '../../domain/period.ts';
import { orderWorkItems } from './work-item.ts';
import type { WorkItem } from './work-item.ts';

function buildItem(mallId: number, domainType: DomainType): WorkItem {
  const mall: Mall = {
    mallId,
    cafe24MallId: `mall${mallId}`,
    name: '',
    active: true,
    shopNos: null,
    domainTypes: ['MEMBER', 'ORDER'],
    labels: {},
    settings: {},
  };
  const period = parsePeriod('2025-12-01T00:00:00', '2025-12-02T00:00:00');
  const rest = {
    attemptCount: null,
    mode: 'RESUME',
    reason: '',
    trigger: 'LOCAL',
    requestedBy: '',
    fingerprints: null,
  } as const;
  return { mall, domainType, period, pageSize: 1000, ...rest };
}

it('lets malls take turns instead of working one mall off after the other', () => {
  const items = [1, 2, 3].flatMap((mallId) => [buildItem(mallId, 'MEMBER'), buildItem(mallId, 'ORDER')]);
  expect(orderWorkItems(items).map(({ mall, domainType }) => `${mall.mallId} ${domainType}`)).toEqual([
    '1 MEMBER',
    '2 MEMBER',
    '3 MEMBER',
    '1 ORDER',
    '2 ORDER',
    '3 ORDER',
  ]);
});
