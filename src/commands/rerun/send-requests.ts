import { randomUUID } from 'node:crypto';
import type { Database } from '../../adapters/postgres/database.ts';
import { createRetryRequests } from '../../adapters/postgres/retry-request.ts';
import { listRequestIds } from '../../adapters/postgres/retry-request-pick.ts';
import { findActor } from '../actor.ts';
import { audited } from '../audit.ts';
import type { CommandIo } from '../command.ts';
import { planRequests } from './plan-requests.ts';
import type { RerunSettings } from './rerun-settings.ts';

export interface SentRequests {
  /** What makes a second sending the same request. */
  readonly key: string;
  readonly requestIds: readonly number[];
}

/**
 * Writes the requests and rings for a server. What a search like --failed finds differs from one moment to the next, so
 * under a key that was used before it is not searched again.
 */
export async function sendRequests(settings: RerunSettings, database: Database, io: CommandIo): Promise<SentRequests> {
  const { pool } = database;
  const key = settings.key ?? `rerun-${randomUUID().slice(0, 13)}`;
  const isSearch = settings.start === undefined && settings.executions === undefined;
  const known = isSearch && settings.key !== undefined ? await listRequestIds(pool, `${key} `) : [];
  if (known.length > 0) return { key, requestIds: known };
  const wishes = await planRequests(settings, database, findActor(io.environment));
  const requests = createRetryRequests({ pool });
  const requestIds: number[] = [];
  for (const wish of wishes) {
    const { kind, domainType, startDate, endDate, mallIds, reason } = wish;
    const subject = { action: 'rerun', target: `${domainType} ${startDate} to ${endDate}` };
    const requestId = await audited(pool, io, subject, async () => {
      const sent = await requests.create(`${key} ${domainType} ${startDate} ${endDate}`, wish);
      const detail = { ...sent, kind, reason, malls: mallIds.join(','), key };
      return { result: sent.requestId, detail };
    });
    requestIds.push(requestId);
  }
  return { key, requestIds };
}
