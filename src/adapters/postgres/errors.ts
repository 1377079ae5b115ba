import { SyncError, TerminalError, TransientError } from '../../domain/errors.ts';

/** SQLSTATE classes and codes after which the same work may succeed on a new connection or a moment later. */
const TRANSIENT_CLASSES = new Set(['08', '53', '57', '58']);
const TRANSIENT_CODES = new Set([
  '25P03', // idle_in_transaction_session_timeout: this process slept inside a transaction
  '25P04', // transaction_timeout
  '25006', // read_only_sql_transaction: the server is a standby, a failover is under way
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '40003', // statement_completion_unknown
  '55P03', // lock_not_available
  '55006', // object_in_use
]);
/** Wrong credentials, database or rights: a person must change the settings. */
const CONFIG_CLASSES = new Set(['28', '3D']);
const CONFIG_CODES = new Set(['42501', '3F000']);
const UNDEFINED_TABLE = '42P01';
/** pgbouncer gives all of its refusals one code; this is the one that no other try mends. */
const POOLER_REFUSAL = 'unsupported startup parameter';

/** What Node reports where no server answered at all. */
const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);

const SQL_STATE = /^[0-9A-Z]{5}$/;

interface ServerError {
  readonly code: string;
  readonly message: string;
  readonly constraint?: string;
  readonly column?: string;
  readonly table?: string;
}

/** The server's own error somewhere in the chain of causes; slonik wraps what pg throws. */
export function findServerError(thrown: unknown): ServerError | undefined {
  for (const error of causesOf(thrown)) {
    if (isServerError(error)) return error;
  }
  return undefined;
}

function isServerError(error: Error): error is Error & ServerError {
  return 'severity' in error && 'code' in error && typeof error.code === 'string' && SQL_STATE.test(error.code);
}

export function sqlStateOf(thrown: unknown): string | undefined {
  return findServerError(thrown)?.code;
}

/** Data exceptions and constraint violations: the row is at fault, not the server and not the program. */
export function isRowRefusal(sqlState: string): boolean {
  return sqlState.startsWith('22') || sqlState.startsWith('23');
}

/**
 * The one place where PostgreSQL's failures become the program's. SyncErrors pass through; what carries neither a
 * SQLSTATE nor a network code is a lost connection where pg or slonik say so by class, else a Bug.
 */
export function toDatabaseError(thrown: unknown): SyncError {
  if (thrown instanceof SyncError) return thrown;
  const server = findServerError(thrown);
  if (server !== undefined) return fromServer(server, thrown);
  for (const error of causesOf(thrown)) {
    if (error instanceof SyncError) return error;
    if ('code' in error && NETWORK_CODES.has(String(error.code))) return unavailable(error.message, thrown);
    if (isConnectionLoss(error)) return unavailable(error.message, thrown);
  }
  return new TerminalError('Bug', messageOf(thrown), { cause: thrown });
}

function fromServer(server: ServerError, thrown: unknown): SyncError {
  const { code } = server;
  const text = `PostgreSQL ${code}: ${server.message}`;
  if (server.message.startsWith(POOLER_REFUSAL)) {
    const cure = 'the address leads to a pooler; set MALLSYNC_DATABASE_DIRECT_URL to the database behind it';
    return new TerminalError('ConfigInvalid', `${server.message}: ${cure}`, { cause: thrown });
  }
  if (TRANSIENT_CODES.has(code) || TRANSIENT_CLASSES.has(code.slice(0, 2))) return unavailable(text, thrown);
  if (CONFIG_CODES.has(code) || CONFIG_CLASSES.has(code.slice(0, 2))) {
    return new TerminalError('ConfigInvalid', `${text}; check MALLSYNC_DATABASE_URL and its role's rights`, {
      cause: thrown,
    });
  }
  if (code === UNDEFINED_TABLE) {
    return new TerminalError('ConfigInvalid', `${text}; run \`mallsync migrate\` and check MALLSYNC_DATABASE_SCHEMA`, {
      cause: thrown,
    });
  }
  // the server's text may quote a value of the row, so only the code and the name of what refused it are kept
  if (isRowRefusal(code)) {
    const where = server.constraint ?? server.column ?? server.table ?? 'a row';
    return new TerminalError('Bug', `PostgreSQL ${code} at ${where}`, { cause: thrown });
  }
  return new TerminalError('Bug', text, { cause: thrown });
}

function unavailable(message: string, cause: unknown): TransientError {
  return new TransientError('DatabaseUnavailable', message, { cause });
}

/** pg gives a connection that ended under it no code; these are its own fixed texts, not the server's. */
const CONNECTION_LOST = new Set([
  'Connection terminated',
  'Connection terminated unexpectedly',
  'Connection terminated due to connection timeout',
  'timeout expired',
  'timeout exceeded when trying to connect',
  'Query read timeout',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'Client is pending destroy.',
  'Client is destroyed.',
]);
const CONNECTION_ERROR_CLASSES = new Set([
  'BackendTerminatedError',
  'BackendTerminatedUnexpectedlyError',
  'ConnectionError',
]);

function isConnectionLoss(error: Error): boolean {
  return CONNECTION_ERROR_CLASSES.has(error.constructor.name) || CONNECTION_LOST.has(error.message);
}

function causesOf(thrown: unknown): readonly Error[] {
  const chain: Error[] = [];
  let current = thrown;
  while (current instanceof Error && !chain.includes(current)) {
    chain.push(current);
    if (current instanceof AggregateError) chain.push(...current.errors.filter((inner) => inner instanceof Error));
    current = current.cause;
  }
  return chain;
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
