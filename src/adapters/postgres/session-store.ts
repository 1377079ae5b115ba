import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'slonik';
import { z } from 'zod';
import type { QueryPool } from './pool.ts';

/** Who signed in; the role is not kept, for the users file may change it meanwhile. */
export interface Session {
  readonly name: string;
  /** Of the password that it began with. */
  readonly mark: string;
}

export interface SessionStore {
  /** @returns the token, which only the visitor's cookie keeps; ended sessions are cleared away with it */
  create(session: Session): Promise<string>;
  /**
   * Null when there is none, or it was idle for too long or is too old; else it counts as seen, unless what asks does so
   * by itself.
   */
  find(token: string, options?: { readonly isByItself: boolean }): Promise<Session | null>;
  delete(token: string): Promise<void>;
}

export interface SessionStoreOptions {
  readonly pool: QueryPool;
  readonly longestSeconds: number;
  readonly idleSeconds: number;
}

const TOKEN_BYTES = 32;
const TOKEN = /^[\w-]{43}$/;
/** Each request would be a write otherwise. */
const SEEN_SECONDS = 30;

const sessionRow = z
  .object({ name: z.string(), mark: z.string(), is_stale: z.boolean() })
  .transform(({ is_stale: isStale, ...session }) => ({ ...session, isStale }));

export function createSessionStore({ pool, longestSeconds, idleSeconds }: SessionStoreOptions): SessionStore {
  return {
    async create({ name, mark }) {
      const token = randomBytes(TOKEN_BYTES).toString('base64url');
      await pool.query(sql.unsafe`
        delete from mallsync.tb_admin_session
        where expires_at < now() or seen_at < now() - make_interval(secs => ${idleSeconds}::float8)`);
      await pool.query(sql.unsafe`
        insert into mallsync.tb_admin_session (token_hash, name, mark, expires_at)
        values (${hash(token)}, ${name}, ${mark}, now() + make_interval(secs => ${longestSeconds}::float8))`);
      return token;
    },
    async find(token, { isByItself } = { isByItself: false }) {
      if (!TOKEN.test(token)) return null;
      const found = await pool.maybeOne(sql.type(sessionRow)`
        select name, mark, seen_at < now() - make_interval(secs => ${SEEN_SECONDS}::float8) as is_stale
        from mallsync.tb_admin_session
        where token_hash = ${hash(token)} and expires_at > now()
          and seen_at > now() - make_interval(secs => ${idleSeconds}::float8)`);
      if (found === null) return null;
      if (found.isStale && !isByItself) {
        await pool.query(
          sql.unsafe`update mallsync.tb_admin_session set seen_at = now() where token_hash = ${hash(token)}`,
        );
      }
      return { name: found.name, mark: found.mark };
    },
    async delete(token) {
      await pool.query(sql.unsafe`delete from mallsync.tb_admin_session where token_hash = ${hash(token)}`);
    },
  };
}

/** The database holds nothing that a cookie could be made of. */
function hash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
