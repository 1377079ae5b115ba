export const DOMAIN_TYPES = ['MEMBER', 'ORDER', 'SALES'] as const;

export type DomainType = (typeof DOMAIN_TYPES)[number];
