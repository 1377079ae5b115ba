import { hostname } from 'node:os';
import type { AuditRecord } from '../adapters/postgres/audit-log.ts';
import { findActor } from './actor.ts';
import type { CommandIo } from './command.ts';

/** What a person did at the command line and what it was done to. */
export function buildAuditRecord(
  io: Pick<CommandIo, 'environment'>,
  action: string,
  target: string,
  detail: AuditRecord['detail'] = {},
): AuditRecord {
  return { actor: findActor(io.environment), action, target, source: `cli ${hostname()}`, outcome: 'done', detail };
}
