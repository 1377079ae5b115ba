import type { DomainType } from './domain-type.ts';
import type { Period } from './period.ts';

export const EXECUTION_STATUSES = [
  'REQUESTED',
  'RUNNING',
  'WAITING',
  'COMPLETED',
  'COMPLETED_WITH_REJECTS',
  'FAILED',
  'STOPPED',
  'ABANDONED',
] as const;
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];

export const LIVE_STATUSES = ['REQUESTED', 'RUNNING', 'WAITING'] as const satisfies readonly ExecutionStatus[];

export function isLive(status: ExecutionStatus): boolean {
  return (LIVE_STATUSES as readonly ExecutionStatus[]).includes(status);
}

export function isComplete(status: ExecutionStatus): boolean {
  return status === 'COMPLETED' || status === 'COMPLETED_WITH_REJECTS';
}

export const TRIGGERS = ['NIGHTLY', 'MANUAL', 'RERUN', 'BACKFILL', 'LOCAL'] as const;
export type Trigger = (typeof TRIGGERS)[number];

/** RESUME goes on from the checkpoint, REPROCESS reads a completed instance again, REPLAY only its rejected rows. */
export const MODES = ['RESUME', 'REPROCESS', 'REPLAY'] as const;
export type ExecutionMode = (typeof MODES)[number];

/** An execution held by this process: every write of the run carries the fence token. */
export interface ClaimedExecution {
  readonly executionId: number;
  readonly instanceId: number;
  readonly mallId: number;
  readonly domainType: DomainType;
  readonly period: Period;
  readonly pageSize: number;
  readonly attemptCount: number;
  readonly mode: ExecutionMode;
  readonly trigger: Trigger;
  /** One pass over the instance; its windows belong to it. */
  readonly reading: number;
  readonly fenceToken: number;
}
