import { ClusterError } from '../../src/controller/cluster-error.ts';

/** What kind of step out of the process it is: it decides which faults it can meet. */
export type StepKind =
  | 'read'
  | 'create'
  | 'write'
  | 'event-write'
  | 'watch'
  | 'watch-event'
  | 'begin'
  /** Within a transaction. */
  | 'statement'
  /** By itself; it writes nothing. */
  | 'query'
  | 'commit'
  /** A statement that commits by itself. */
  | 'single';

/** One step of the controller out of its process: the how-manieth of its kind. */
export interface FaultPoint {
  readonly key: string;
  readonly ordinal: number;
  readonly kind: StepKind;
}

export interface Fault {
  readonly name: string;
  /** Whether the step is taken all the same. */
  readonly isCarriedOut: boolean;
  /**
   * `crash`: the process ends here. `rival`: another leads from here on, which the process does not know. Else what it
   * is told.
   */
  readonly consequence: 'crash' | 'rival' | 'stream' | (() => Error);
}

export interface FaultPlan {
  readonly point: FaultPoint;
  readonly fault: Fault;
}

const CONNECTION_LOST = 'Connection terminated unexpectedly';
const RETRY_AFTER_MS = 200;

const refuse = (
  name: string,
  isCarriedOut: boolean,
  kind: ConstructorParameters<typeof ClusterError>[0],
  options: ConstructorParameters<typeof ClusterError>[2] = {},
): Fault => ({ name, isCarriedOut, consequence: () => new ClusterError(kind, `injected: ${name}`, options) });

const lose = (name: string, isCarriedOut: boolean): Fault => ({
  name,
  isCarriedOut,
  consequence: () => new Error(CONNECTION_LOST),
});

const CRASH_BEFORE: Fault = { name: 'crash before', isCarriedOut: false, consequence: 'crash' };
const CRASH_AFTER: Fault = { name: 'crash after', isCarriedOut: true, consequence: 'crash' };
const RIVAL: Fault = { name: 'a rival leads', isCarriedOut: true, consequence: 'rival' };
const NOT_SENT = refuse('not sent', false, 'unavailable');
const ANSWER_LOST = refuse('answer lost', true, 'unavailable');
const TIME_OUT = refuse('time-out', false, 'timeout');
const LATE_ANSWER = refuse('time-out after all', true, 'timeout');
const CONFLICT = refuse('409', false, 'conflict', { status: 409 });
const THROTTLED = refuse('429', false, 'throttled', { status: 429, retryAfterMs: RETRY_AFTER_MS });
const BROKEN = refuse('500', false, 'unavailable', { status: 500 });
/** As a server says whose storage answered too late. */
const BROKEN_AFTER = refuse('500 after all', true, 'unavailable', { status: 500 });
const GONE = refuse('410', false, 'gone', { status: 410 });

const WRITE_FAULTS = [
  CRASH_BEFORE,
  CRASH_AFTER,
  RIVAL,
  NOT_SENT,
  ANSWER_LOST,
  TIME_OUT,
  LATE_ANSWER,
  CONFLICT,
  THROTTLED,
  BROKEN,
  BROKEN_AFTER,
];
const LOST = lose('connection lost', false);
const LOST_AFTER = lose('connection lost after commit', true);
const stream = (name: string): Fault => ({ name, isCarriedOut: true, consequence: 'stream' });

/** Every fault that a step of the kind can meet. */
export const FAULTS: Readonly<Record<StepKind, readonly Fault[]>> = {
  read: [CRASH_BEFORE, RIVAL, NOT_SENT, TIME_OUT, THROTTLED, BROKEN],
  create: WRITE_FAULTS,
  write: WRITE_FAULTS,
  'event-write': [CRASH_BEFORE, ANSWER_LOST, BROKEN],
  watch: [CRASH_BEFORE, NOT_SENT, THROTTLED, BROKEN, GONE],
  'watch-event': ['dropped', 'duplicated', 'delayed', 'closed', 'broken', '410'].map(stream),
  begin: [CRASH_BEFORE, RIVAL, LOST],
  statement: [LOST],
  query: [CRASH_BEFORE, LOST],
  commit: [CRASH_BEFORE, CRASH_AFTER, LOST, LOST_AFTER],
  single: [CRASH_BEFORE, CRASH_AFTER, LOST, LOST_AFTER],
};

/** Each of the points with each fault that it can meet. */
export function listPlans(points: readonly FaultPoint[]): readonly FaultPlan[] {
  return points.flatMap((point) => FAULTS[point.kind].map((fault) => ({ point, fault })));
}

export function describePlan({ point, fault }: FaultPlan): string {
  return `${fault.name} at ${point.key} #${point.ordinal}`;
}
