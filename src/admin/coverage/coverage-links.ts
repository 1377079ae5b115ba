import type { DomainType } from '../../domain/domain-type.ts';

export function toCoverageLink(mallId: number, domainType: DomainType, month?: string): string {
  const path = `/malls/${mallId}/coverage/${domainType}`;
  return month === undefined ? path : `${path}?month=${month}`;
}

/** The runs whose period touches the day. */
export function toDayRunsLink(mallId: number, domainType: DomainType, day: string): string {
  return `/runs?mall=${mallId}&domain=${domainType}&start=${day}&end=${day}&sort=newest`;
}

/** The form of a new run, filled in. */
export function toNewRunLink(
  mallId: number,
  run?: { readonly domainType: DomainType; readonly startDate: string; readonly endDate: string },
): string {
  if (run === undefined) return `/new?mallId=${mallId}`;
  return `/new?domainType=${run.domainType}&mallId=${mallId}&start=${run.startDate}&end=${run.endDate}`;
}
