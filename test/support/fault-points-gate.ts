import type { Fault, FaultPlan, FaultPoint, StepKind } from './fault-points.ts';

/** The process has ended: nothing of it may go on. */
export class CrashError extends Error {
  constructor() {
    super('the process has ended');
    this.name = 'CrashError';
  }
}

/** One process of the controller, as far as the gate knows it. */
export interface Life {
  readonly serial: number;
  readonly isOver: boolean;
  crash(): void;
}

/** Through which every step of all processes goes, and where the one fault of a run happens. */
export interface StepGate {
  /** In the order in which they were met. */
  readonly points: readonly FaultPoint[];
  readonly hasStruck: boolean;
  /** Counts the step. @returns the fault that it meets; a stream's is the caller's to bring about */
  meet(life: Life, key: string, kind: StepKind): Fault | null;
  /** Takes the step, or not, and says so, or not. */
  pass<T>(life: Life, key: string, kind: StepKind, step: () => Promise<T>): Promise<T>;
}

/** No scenario needs a tenth of it: whoever comes so far turns in a circle. */
export const MOST_POINTS = 5_000;

/** @param onRival resolves when another process leads */
export function createStepGate(plan: FaultPlan | null, onRival: () => Promise<void>): StepGate {
  const counts = new Map<string, number>();
  const points: FaultPoint[] = [];
  let hasStruck = false;

  const meet = (life: Life, key: string, kind: StepKind): Fault | null => {
    if (points.length >= MOST_POINTS) life.crash();
    if (life.isOver) throw new CrashError();
    const ordinal = (counts.get(key) ?? 0) + 1;
    counts.set(key, ordinal);
    points.push({ key, ordinal, kind });
    if (hasStruck || plan === null || plan.point.key !== key || plan.point.ordinal !== ordinal) return null;
    hasStruck = true;
    return plan.fault;
  };

  const take = async <T>(life: Life, step: () => Promise<T>): Promise<T> => {
    try {
      return await step();
    } finally {
      if (life.isOver) throwCrash();
    }
  };

  return {
    points,
    get hasStruck() {
      return hasStruck;
    },
    meet,
    async pass(life, key, kind, step) {
      const fault = meet(life, key, kind);
      if (fault === null) return await take(life, step);
      if (fault.consequence === 'rival') {
        await onRival();
        return await take(life, step);
      }
      if (fault.isCarriedOut) await take(life, step);
      if (typeof fault.consequence === 'function') throw fault.consequence();
      life.crash();
      throw new CrashError();
    },
  };
}

function throwCrash(): never {
  throw new CrashError();
}
