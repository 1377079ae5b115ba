import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseError, Pool, type QueryResultRow } from 'pg';
import type { E2eNamespace } from './e2e-namespace.ts';

export interface ClusterDatabase {
  /** From this machine, by a forward that is opened anew when it breaks. */
  readonly url: string;
  /** A statement whose connection breaks is sent again on another: only those that bear it. */
  query<Row extends QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

const PATIENCE_MS = 60_000;
const PAUSE_MS = 250;
/** Connection lost, or the server is going or coming. */
const AWAY = /^(08|57P)/;

/** The PostgreSQL of a trial. */
export async function openClusterDatabase(namespace: E2eNamespace, release: string): Promise<ClusterDatabase> {
  const { port } = await namespace.forward(`service/${release}-postgres`, 5432);
  const secret = await namespace.kubectlJson<{ readonly data: Readonly<Record<string, string>> }>([
    'get',
    'secret',
    release,
  ]);
  const url = new URL(Buffer.from(secret.data['database-url'] ?? '', 'base64').toString());
  url.host = `127.0.0.1:${port}`;
  return { url: url.href, ...openPool(url.href) };
}

/** A pool whose statements outlive a connection that breaks; those who open it close it. */
export function openPool(url: string): Pick<ClusterDatabase, 'query' | 'close'> {
  const pool = new Pool({ connectionString: url, max: 4, connectionTimeoutMillis: 10_000 });
  // an idle connection that breaks is replaced by the next statement
  pool.on('error', () => {});
  return {
    query: async <Row extends QueryResultRow>(sql: string, values: readonly unknown[] = []) => {
      const deadlineMs = Date.now() + PATIENCE_MS;
      for (;;) {
        try {
          return (await pool.query<Row>(sql, [...values])).rows;
        } catch (error) {
          if (!isAway(error) || Date.now() > deadlineMs) throw error;
          await sleep(PAUSE_MS);
        }
      }
    },
    close: () => pool.end(),
  };
}

function isAway(error: unknown): boolean {
  if (error instanceof DatabaseError) return AWAY.test(error.code ?? '');
  return error instanceof Error && ('syscall' in error || /^(connection terminated|timeout)/i.test(error.message));
}
