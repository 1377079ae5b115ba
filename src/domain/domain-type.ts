export const DOMAIN_TYPES = ['MEMBER', 'ORDER', 'SALES'] as const;

export type DomainType = (typeof DOMAIN_TYPES)[number];

export function isDomainType(value: string): value is DomainType {
  return (DOMAIN_TYPES as readonly string[]).includes(value);
}
