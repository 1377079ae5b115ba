import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'slonik';
import { z } from 'zod';
import type { QueryPool } from './pool.ts';

const LIFETIME_MINUTES = 10;
const KEPT_DAYS = 1;
const STATE_BYTES = 32;

/** Who went to the mall's consent page, and which mall it was for. */
export interface ConsentRequest {
  readonly mallId: number;
  /** Whatever tells one signed-in visitor from every other; only its hash is kept. */
  readonly visitorKey: string;
}

export type ConsentAnswer =
  | { readonly kind: 'taken'; readonly mallId: number }
  | { readonly kind: 'used' | 'expired' | 'foreign'; readonly mallId: number }
  | { readonly kind: 'unknown' };

/** Keeps a request for ten minutes. @returns its state: unguessable, and found again only by `takeConsentRequest` */
export async function saveConsentRequest(pool: QueryPool, { mallId, visitorKey }: ConsentRequest): Promise<string> {
  const state = randomBytes(STATE_BYTES).toString('base64url');
  await pool.query(sql.unsafe`
    with old as (
      delete from mallsync.tb_admin_consent where requested_at < now() - make_interval(days => ${KEPT_DAYS})
    )
    insert into mallsync.tb_admin_consent (state_hash, mall_id, visitor_hash, expires_at)
    values (${sql.binary(hash(state))}, ${mallId}, ${sql.binary(hash(visitorKey))},
      now() + make_interval(mins => ${LIFETIME_MINUTES}))`);
  return state;
}

const requestRow = z.object({
  mall_id: z.number(),
  is_own: z.boolean(),
  is_used: z.boolean(),
  is_expired: z.boolean(),
  was_taken: z.boolean(),
});

/** Spends the state, which works once and only for the visitor that it was made for. */
export async function takeConsentRequest(pool: QueryPool, state: string, visitorKey: string): Promise<ConsentAnswer> {
  const row = await pool.maybeOne(sql.type(requestRow)`
    with taken as (
      update mallsync.tb_admin_consent set used_at = now()
      where state_hash = ${sql.binary(hash(state))} and visitor_hash = ${sql.binary(hash(visitorKey))}
        and used_at is null and expires_at > now()
      returning state_hash
    )
    select mall_id, visitor_hash = ${sql.binary(hash(visitorKey))} as is_own, used_at is not null as is_used,
      expires_at <= now() as is_expired, exists (select from taken) as was_taken
    from mallsync.tb_admin_consent where state_hash = ${sql.binary(hash(state))}`);
  if (row === null) return { kind: 'unknown' };
  const { mall_id: mallId } = row;
  if (row.was_taken) return { kind: 'taken', mallId };
  if (!row.is_own) return { kind: 'foreign', mallId };
  // a rival that took it in this very moment is not seen by this statement's snapshot
  return { kind: row.is_expired && !row.is_used ? 'expired' : 'used', mallId };
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
