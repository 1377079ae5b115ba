import type { Client } from 'pg';
import { sql } from 'slonik';
import type { Clock } from '../../domain/clock.ts';
import type { Database } from './database.ts';
import { quoteIdentifier } from './schema-name.ts';

export const RETRY_REQUEST_CHANNEL = 'mallsync_retry_request';

export interface Listener {
  readonly channel: string;
  /** Called for each notification, and after each (re)connection, since what came in between was not heard. */
  readonly onSignal: () => void;
  /** The connection could not be made or was lost; it is tried again. */
  readonly onTrouble: (error: unknown) => void;
}

/** What it adds to the name of its connection; PostgreSQL cuts names off after 63 bytes. */
const SET_NAME = `select set_config('application_name', current_setting('application_name') || ' listens in ' || $1, false)`;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Whether a process that takes the schema's requests is connected to this database, as far as the server tells. A session
 * that a pooler keeps for others bears the name of its last user, but never a listener's.
 */
export async function isServed({ pool, schema }: Database): Promise<boolean> {
  return await pool.exists(sql.unsafe`
    select from pg_stat_activity where datname = current_database()
      and application_name in (left('mallsync serve listens in ' || ${schema}, 63),
        left('mallsync controller listens in ' || ${schema}, 63))`);
}

/** Listens on its own direct connection until the signal aborts; never rejects. */
export async function listenUntilAborted(
  database: Database,
  listener: Listener,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    try {
      await listenOnce(database, listener, signal, () => (pauseMs = FIRST_PAUSE_MS));
    } catch (error) {
      listener.onTrouble(error);
    }
    // an abort ends the pause by rejecting, and the loop by its condition
    await clock.sleep(pauseMs, signal).catch(() => undefined);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

async function listenOnce(
  database: Database,
  { channel, onSignal }: Listener,
  signal: AbortSignal,
  onConnected: () => void,
): Promise<void> {
  const client = await database.connectDirect();
  try {
    const ended = waitForEnd(client, signal);
    client.on('notification', () => onSignal());
    await client.query(SET_NAME, [database.schema]);
    await client.query(`listen ${quoteIdentifier(channel)}`);
    onConnected();
    onSignal();
    await ended;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Resolves when the signal aborts, rejects when the connection is lost. */
function waitForEnd(client: Client, signal: AbortSignal): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => {
    const onAbort = (): void => resolve();
    client.once('error', reject);
    client.once('end', () => {
      signal.removeEventListener('abort', onAbort);
      reject(new Error('the connection that listens was closed'));
    });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) resolve();
  });
  // it may reject before anybody waits for it
  ended.catch(() => undefined);
  return ended;
}
