import type { Clock } from '../domain/clock.ts';
import type { ClaimedExecution } from '../domain/execution.ts';
import type { RunMeter } from './call-meter.ts';
import type { LeaseKeeper, Ledger } from './ledger.ts';
import type { PageSource } from './page-source.ts';
import type { ReadAhead, ReadAheadSettings } from './read-ahead.ts';
import type { RejectLimit } from './reject-limit.ts';
import type { RetryBudget, RetrySettings } from './retry-budget.ts';
import type { RowMapper } from './row-mapper.ts';
import type { RunObserver } from './run-observer.ts';

/** Everything outside the engine that a run needs. */
export interface RunPorts<Payload> {
  readonly source: PageSource;
  readonly mapper: RowMapper<Payload>;
  readonly ledger: Ledger<Payload>;
  readonly leases: LeaseKeeper;
  readonly clock: Clock;
  /** Uniform in [0, 1); spreads retries. */
  readonly random: () => number;
  /** The meter that the source was made with. */
  readonly meter: RunMeter;
  readonly observer: RunObserver;
}

export interface RunSettings {
  readonly leaseSeconds: number;
  readonly retry: RetrySettings;
  readonly rejectLimit: RejectLimit;
  readonly readAhead: ReadAheadSettings;
  /** Windows under way at once, so that one is counted while another is read. */
  readonly windowsAtOnce: number;
}

/** One run while it lasts. */
export interface RunContext<Payload> {
  readonly execution: ClaimedExecution;
  readonly ports: RunPorts<Payload>;
  readonly settings: RunSettings;
  readonly retries: RetryBudget;
  readonly readAhead: ReadAhead;
  /** Aborts on stop, on a lost lease and on the first error of the run. */
  readonly signal: AbortSignal;
}
