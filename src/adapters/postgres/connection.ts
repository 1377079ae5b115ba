import { types, type ClientConfig } from 'pg';
import { TerminalError } from '../../domain/errors.ts';

export interface ConnectionSettings {
  readonly url: string;
  readonly applicationName: string;
  readonly leaseSeconds: number;
  /** A transaction-mode pooler stands between: start-up parameters would be refused, sessions are not ours. */
  readonly isPooled: boolean;
}

const STATEMENT_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 5_000;
const ANSWER_MARGIN_MS = 10_000;

/**
 * How values come back, on every connection alike: int8 as a number (an unsafe one throws), timestamptz as epoch
 * milliseconds (microseconds cut off), numeric, date and timestamp as text, json parsed, bytea as a Buffer.
 */
const PARSERS: ReadonlyMap<number, (text: string) => unknown> = new Map<number, (text: string) => unknown>([
  [types.builtins.INT8, parseInt8],
  [1016, parseInt8Array],
  [types.builtins.TIMESTAMPTZ, parseTimestamp],
  [types.builtins.DATE, (text) => text],
  [types.builtins.TIMESTAMP, (text) => text],
]);

const defaultParser: (oid: number) => (text: string) => unknown = types.getTypeParser;
const typeParsers: NonNullable<ClientConfig['types']> = {
  getTypeParser: (oid: number) => PARSERS.get(oid) ?? defaultParser(oid),
};

function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new TerminalError('Bug', `${text} is too large for a number`);
  return value;
}

function parseInt8Array(text: string): readonly number[] {
  const inner = text.slice(1, -1);
  return inner === '' ? [] : inner.split(',').map(parseInt8);
}

function parseTimestamp(text: string): number {
  return Number(types.getTypeParser(types.builtins.TIMESTAMPTZ)(text));
}

/** Half a lease: a process that sleeps inside a transaction loses its connection before its successor gives up. */
function halfLeaseMs(leaseSeconds: number): number {
  return Math.max(500, (leaseSeconds * 1000) / 2);
}

export function buildClientConfig(settings: ConnectionSettings): ClientConfig {
  const base: ClientConfig = {
    connectionString: settings.url,
    application_name: settings.applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: halfLeaseMs(settings.leaseSeconds),
    query_timeout: STATEMENT_TIMEOUT_MS + ANSWER_MARGIN_MS,
    types: typeParsers,
  };
  if (settings.isPooled) return base;
  return {
    ...base,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: settings.leaseSeconds * 1000,
    idle_in_transaction_session_timeout: halfLeaseMs(settings.leaseSeconds),
  };
}

/** The statements that put a transaction's time-outs, for a connection whose session may be another's. */
export function buildTransactionBegin(leaseSeconds: number): string {
  const half = halfLeaseMs(leaseSeconds);
  return [
    'begin',
    `set local statement_timeout = ${STATEMENT_TIMEOUT_MS}`,
    `set local lock_timeout = ${leaseSeconds * 1000}`,
    `set local idle_in_transaction_session_timeout = ${half}`,
    `set local tcp_user_timeout = ${half}`,
  ].join('; ');
}
