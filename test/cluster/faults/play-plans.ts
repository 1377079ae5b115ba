import { describePlan, listPlans, type FaultPlan } from '../../support/fault-points.ts';
import type { FaultLane } from './fault-lane.ts';
import type { FaultScenario } from './fault-scenarios.ts';
import { playScenario } from './play-scenario.ts';

export interface Trial {
  readonly scenario: FaultScenario;
  /** Null: without a fault. */
  readonly plan: FaultPlan | null;
}

export interface Tally {
  /** Faults that struck. */
  readonly struck: number;
  /** Those whose point was not met again: what runs side by side is not always in the same order. */
  readonly missed: readonly string[];
  /** What was wrong, by trial. */
  readonly failures: readonly string[];
}

const SHOWN_LINES = 25;

/** Plays each scenario without a fault, and lists every fault that its steps can meet. */
export async function listTrials(
  lanes: readonly FaultLane[],
  scenarios: readonly FaultScenario[],
  isWanted: (plan: FaultPlan, scenario: FaultScenario) => boolean,
): Promise<{ readonly trials: readonly Trial[]; readonly failures: readonly string[] }> {
  const trials: Trial[] = [];
  const failures: string[] = [];
  await inLanes(lanes, scenarios, async (lane, scenario) => {
    const { points, problems, log } = await playScenario(lane, scenario, null);
    if (problems.length > 0) failures.push(toFailure({ scenario, plan: null }, problems, log));
    trials.push(...listPlans(points).flatMap((plan) => (isWanted(plan, scenario) ? [{ scenario, plan }] : [])));
  });
  return { trials, failures };
}

export async function playTrials(lanes: readonly FaultLane[], trials: readonly Trial[]): Promise<Tally> {
  let struck = 0;
  const missed: string[] = [];
  const failures: string[] = [];
  await inLanes(lanes, trials, async (lane, trial) => {
    const { hasStruck, problems, log } = await playScenario(lane, trial.scenario, trial.plan);
    if (hasStruck) struck += 1;
    else missed.push(toName(trial));
    if (problems.length > 0) failures.push(toFailure(trial, problems, log));
  });
  return { struck, missed, failures };
}

async function inLanes<T>(
  lanes: readonly FaultLane[],
  items: readonly T[],
  work: (lane: FaultLane, item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  await Promise.all(
    lanes.map(async (lane) => {
      for (let item = items[next++]; item !== undefined; item = items[next++]) await work(lane, item);
    }),
  );
}

function toName({ scenario, plan }: Trial): string {
  return `${scenario.name}: ${plan === null ? 'no fault' : describePlan(plan)}`;
}

function toFailure(trial: Trial, problems: readonly string[], log: readonly string[]): string {
  return [toName(trial), ...problems.map((problem) => `  ${problem}`), ...log.slice(-SHOWN_LINES)].join('\n');
}
