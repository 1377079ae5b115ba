import type { DomainType } from './domain-type.ts';
import { parsePeriod } from './period.ts';

/** What an execution is run again with. */
export interface RunParameters {
  readonly mallId: number;
  readonly domainType: DomainType;
  readonly startDate: string;
  readonly endDate: string;
  readonly pageSize: number;
}

/** One domain type and period for some malls: what one retry request, and one MallSync, is made of. */
export interface RunGroup<Run extends RunParameters = RunParameters> {
  readonly domainType: DomainType;
  readonly startDate: string;
  readonly endDate: string;
  /** Of the first run that was given. */
  readonly pageSize: number;
  /** Of each mall the first that was given, by mallId. */
  readonly runs: readonly Run[];
}

/**
 * Runs by domain type and period, in the order in which the groups are first met. A period is the same however its end is
 * spelled; the first spelling is kept. @throws TerminalError ConfigInvalid for a period that is none
 */
export function groupRuns<Run extends RunParameters>(runs: readonly Run[]): readonly RunGroup<Run>[] {
  const groups = Map.groupBy(runs, ({ domainType, startDate, endDate }) => {
    const { fromMs, untilMs } = parsePeriod(startDate, endDate);
    return `${domainType} ${fromMs} ${untilMs}`;
  });
  return [...groups.values()].flatMap((group): readonly RunGroup<Run>[] => {
    const [first] = group;
    if (first === undefined) return [];
    const { domainType, startDate, endDate, pageSize } = first;
    const ofMall = new Map<number, Run>();
    for (const run of group) if (!ofMall.has(run.mallId)) ofMall.set(run.mallId, run);
    const distinct = [...ofMall.values()].toSorted((a, b) => a.mallId - b.mallId);
    return [{ domainType, startDate, endDate, pageSize, runs: distinct }];
  });
}
