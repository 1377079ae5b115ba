/** A period that is over, for MallSyncs of tests. */
export const DEFAULT_SPEC = {
  domainType: 'MEMBER',
  startDate: '2025-12-01T00:00:00',
  endDate: '2025-12-17T23:59:59',
} as const;
