import type { Context } from 'hono';
import { createErrorLog } from '../../adapters/postgres/error-log.ts';
import type { ExecutionRecord } from '../../adapters/postgres/execution-record.ts';
import { findExecution } from '../../adapters/postgres/execution-store.ts';
import { loadMallNames } from '../../adapters/postgres/read-models/mall-lookup.ts';
import { listReplayCandidates } from '../../adapters/postgres/replay-reader.ts';
import type { ClickWish, SavedClick } from '../../adapters/postgres/retry-click.ts';
import { findClick } from '../../adapters/postgres/retry-click.ts';
import type { RunParameters } from '../../domain/rerun-plan.ts';
import { groupRuns } from '../../domain/rerun-plan.ts';
import { BadInput, NotFound } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import type { AdminEnv } from '../env.ts';
import { audited } from '../security/audited.ts';
import { sendClick } from './click.ts';

/** @throws NotFound */
export async function loadRecord({ database }: AdminContext, executionId: number): Promise<ExecutionRecord> {
  const record = await findExecution(database, executionId);
  if (record === null) throw new NotFound(`there is no run ${executionId}`);
  return record;
}

/** Asks for the end of what is under way of the run's mall and period. */
export async function sendStop(
  c: Context<AdminEnv>,
  context: AdminContext,
  record: ExecutionRecord,
  { key, reason }: { readonly key: string; readonly reason: string },
): Promise<SavedClick> {
  const { executionId, mallId, domainType, startDate, endDate, pageSize } = record;
  const wish: ClickWish = {
    kind: 'STOP',
    domainType,
    startDate,
    endDate,
    pageSize,
    mallIds: [mallId],
    fingerprints: null,
    reason,
    requestedBy: c.get('visitor').name,
    refusals: [],
  };
  return await sendClick(c, context, { action: 'stop', target: `run ${executionId}` }, key, [wish]);
}

export interface Replay {
  readonly key: string;
  /** Null: all groups of the run. */
  readonly fingerprints: readonly string[] | null;
  /** Null: of every mall and period that has open rows of the groups. */
  readonly record: ExecutionRecord | null;
}

/**
 * Asks for rejected rows to be read again.
 * @throws BadInput when no row of the groups is open, or neither run nor groups are named
 */
export async function sendReplay(c: Context<AdminEnv>, context: AdminContext, replay: Replay): Promise<SavedClick> {
  const { key, fingerprints, record } = replay;
  // what is open differs from one moment to the next, so a key that was used is not searched for again
  const known = record === null ? await findClick(context.database.pool, key) : null;
  if (known !== null) return known;
  const runs: readonly RunParameters[] = record === null ? await listOpenRuns(context, fingerprints) : [record];
  const inactive = await listInactive(
    context,
    runs.map(({ mallId }) => mallId),
  );
  const requestedBy = c.get('visitor').name;
  const wishes = groupRuns(runs).map((group): ClickWish => {
    const { domainType, startDate, endDate, pageSize } = group;
    const mallIds = group.runs.map(({ mallId }) => mallId);
    const refusals = mallIds
      .filter((mallId) => inactive.has(mallId))
      .map((mallId) => ({ mallId, result: 'ConfigInvalid: the mall is not active' }));
    const what = { kind: 'REPLAY_REJECTED' as const, fingerprints, reason: '', requestedBy };
    return { ...what, domainType, startDate, endDate, pageSize, mallIds, refusals };
  });
  const where = record === null ? 'all malls' : `run ${record.executionId}`;
  const target = fingerprints === null ? where : `${fingerprints.join(', ')} of ${where}`;
  return await sendClick(c, context, { action: 'replay', target }, key, wishes);
}

async function listOpenRuns({ database }: AdminContext, fingerprints: readonly string[] | null) {
  if (fingerprints === null) throw new BadInput({ field: 'fingerprint', message: 'must name a group' });
  const found = await Promise.all(
    fingerprints.map((fingerprint) => listReplayCandidates(database.pool, { fingerprint })),
  );
  const runs = found.flat();
  if (runs.length === 0) throw new BadInput({ field: 'fingerprint', message: 'no rejected row of it is open' });
  return runs;
}

async function listInactive({ database }: AdminContext, mallIds: readonly number[]): Promise<ReadonlySet<number>> {
  const malls = await loadMallNames(database.pool, mallIds);
  return new Set([...malls.values()].filter(({ active }) => !active).map(({ mallId }) => mallId));
}

export interface Settlement {
  readonly fingerprint: string;
  /** Null: of all malls. */
  readonly mallId: number | null;
  readonly reason: string;
}

/**
 * Settles a group as not worth mending, or takes that back. @returns how many entries were changed
 * @throws NotFound when there is no such group
 */
export async function settleGroup(
  c: Context<AdminEnv>,
  context: AdminContext,
  act: 'ignore' | 'reopen',
  { fingerprint, mallId, reason }: Settlement,
): Promise<number> {
  const errors = createErrorLog(context.database);
  const ofMall = mallId === null ? {} : { mallId };
  if ((await errors.listGroups({ fingerprint, ...ofMall })).length === 0) {
    throw new NotFound(`there is no group ${fingerprint}`);
  }
  const subject = { action: `errors ${act}`, target: fingerprint };
  return await audited(c, context, subject, async () => {
    const selection = { kind: 'group', fingerprint, ...ofMall } as const;
    const result = await errors[act](selection, c.get('visitor').name);
    return { result, detail: { reason, mallId, entries: result } };
  });
}
