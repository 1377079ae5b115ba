import type { WaitingRuns } from './controller-ledger.ts';

/** What one MallSync would like to launch. */
export interface LaunchQueue {
  readonly uid: string;
  readonly name: string;
  readonly priority: number;
  readonly createdAtMs: number;
  /** Its Jobs at once. */
  readonly parallelism: number;
  /** Suspended, cancelled or being deleted. */
  readonly isHeld: boolean;
  /** Its Jobs that are not finished. */
  readonly active: number;
  readonly waiting: number;
  readonly next: WaitingRuns['next'];
}

export interface Launch {
  readonly mallSyncUid: string;
  readonly run: WaitingRuns['next'][number];
}

export interface LaunchPlan {
  /** In the order in which the Jobs are to be created. */
  readonly launches: readonly Launch[];
  /** By MallSync uid: how many runs of others take the next free places before its own next one does. */
  readonly ahead: ReadonlyMap<string, number>;
}

export interface LaunchLimits {
  /** Jobs at once over all MallSyncs. */
  readonly limit: number;
  /** Unfinished Jobs over all MallSyncs, those included that no queue stands for. */
  readonly active: number;
}

interface Turn {
  readonly queue: LaunchQueue;
  active: number;
  launched: number;
}

/**
 * Fills the free places: higher priority first; within a priority the MallSync with the fewest Jobs, then the older one,
 * so that they get one each in turn and equal shares in the end. A priority starves while higher ones fill the limit.
 */
export function planLaunches(queues: readonly LaunchQueue[], limits: LaunchLimits): LaunchPlan {
  const launches: Launch[] = [];
  const ranks = rankByPriority(queues.filter((queue) => !queue.isHeld));
  let free = limits.limit - limits.active;
  for (const rank of ranks) {
    for (let turn = pickTurn(rank); free > 0 && turn !== undefined; turn = pickTurn(rank)) {
      const run = turn.queue.next[turn.launched];
      if (run === undefined) break;
      launches.push({ mallSyncUid: turn.queue.uid, run });
      turn.active += 1;
      turn.launched += 1;
      free -= 1;
    }
  }
  return { launches, ahead: countAhead(ranks) };
}

/** Highest first; the oldest first within each. */
function rankByPriority(queues: readonly LaunchQueue[]): readonly Turn[][] {
  const ranks = new Map<number, Turn[]>();
  for (const queue of [...queues].sort(compareAge)) {
    const rank = ranks.get(queue.priority) ?? [];
    rank.push({ queue, active: queue.active, launched: 0 });
    ranks.set(queue.priority, rank);
  }
  return [...ranks].sort(([a], [b]) => b - a).map(([, rank]) => rank);
}

function compareAge(a: LaunchQueue, b: LaunchQueue): number {
  return a.createdAtMs - b.createdAtMs || (a.uid < b.uid ? -1 : 1);
}

function pickTurn(rank: readonly Turn[]): Turn | undefined {
  let best: Turn | undefined;
  for (const turn of rank) {
    if (turn.active >= turn.queue.parallelism || turn.launched >= turn.queue.next.length) continue;
    if (best === undefined || turn.active < best.active) best = turn;
  }
  return best;
}

/** In about as many steps as there are queues: thousands may wait, and it is counted with each look. */
function countAhead(ranks: readonly (readonly Turn[])[]): ReadonlyMap<string, number> {
  const ahead = new Map<string, number>();
  let higher = 0;
  for (const rank of ranks) {
    const countServed = createServedCount(rank);
    /** By a number of Jobs: the older ones that are served at it, and so once more than the younger ones. */
    const olderAt: number[] = [];
    for (const turn of rank) {
      const { active, queue } = turn;
      if (countLeft(turn) > 0) ahead.set(queue.uid, higher + countServed(active) + (olderAt[active] ?? 0));
      const full = active + countRoom(turn);
      for (let at = active; at < full; at++) olderAt[at] = (olderAt[at] ?? 0) + 1;
    }
    higher += rank.reduce((sum, turn) => sum + countRoom(turn), 0);
  }
  return ahead;
}

/** How often all of the rank are served until each that can has as many Jobs as asked for. */
function createServedCount(rank: readonly Turn[]): (active: number) => number {
  const alike = [...Map.groupBy(rank, (turn) => `${turn.active} ${countRoom(turn)}`).values()];
  const known = new Map<number, number>();
  const count = (active: number): number =>
    alike.reduce((sum, turns) => {
      const [first] = turns;
      if (first === undefined) return sum;
      return sum + turns.length * Math.min(countRoom(first), Math.max(0, active - first.active));
    }, 0);
  return (active) => {
    const served = known.get(active) ?? count(active);
    known.set(active, served);
    return served;
  };
}

/** How many it may still launch without waiting for Jobs of its own. */
function countRoom(turn: Turn): number {
  return Math.max(0, Math.min(countLeft(turn), turn.queue.parallelism - turn.active));
}

function countLeft({ queue, launched }: Turn): number {
  return Math.max(0, queue.waiting - launched);
}
