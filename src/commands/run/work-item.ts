import type { DomainType } from '../../domain/domain-type.ts';
import type { ExecutionMode, Trigger } from '../../domain/execution.ts';
import type { Mall } from '../../domain/mall.ts';
import type { Period } from '../../domain/period.ts';

/** One execution to be run: plain data, so that it can be handed to another thread. */
export interface WorkItem {
  readonly mall: Mall;
  readonly domainType: DomainType;
  readonly period: Period;
  readonly pageSize: number;
  /** Null: the next free attempt. */
  readonly attemptCount: number | null;
  readonly mode: ExecutionMode;
  readonly reason: string;
  readonly trigger: Trigger;
  readonly requestedBy: string;
  /** A REPLAY of these groups only; null: of all that are open. */
  readonly fingerprints: readonly string[] | null;
}

/** Malls take turns, so that each mall's own call limit is spent from the start. */
export function orderWorkItems(items: readonly WorkItem[]): readonly WorkItem[] {
  const turns = new Map<number, number>();
  return items
    .map((item) => {
      const turn = turns.get(item.mall.mallId) ?? 0;
      turns.set(item.mall.mallId, turn + 1);
      return { item, turn };
    })
    .sort((a, b) => a.turn - b.turn)
    .map(({ item }) => item);
}
