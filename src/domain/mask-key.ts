import type { DomainType } from './domain-type.ts';
import { maskText } from './personal-data.ts';

/**
 * The key of a row (`shop_no|…`) as whoever may not see personal data sees it: a member's id names a person, the keys of
 * orders and hours do not.
 */
export function maskKey(domainType: DomainType, rowKey: string): string {
  if (domainType !== 'MEMBER') return rowKey;
  const cut = rowKey.indexOf('|') + 1;
  return rowKey.slice(0, cut) + maskText(rowKey.slice(cut));
}
