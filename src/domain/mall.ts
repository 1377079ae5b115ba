import type { DomainType } from './domain-type.ts';

/** A mall as configured. `shopNos` null means: ask the API which shops there are. */
export interface Mall {
  readonly mallId: number;
  readonly cafe24MallId: string;
  readonly name: string;
  readonly active: boolean;
  readonly shopNos: readonly number[] | null;
  readonly domainTypes: readonly DomainType[];
  readonly labels: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, unknown>>;
}
