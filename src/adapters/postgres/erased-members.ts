import { createHmac } from 'node:crypto';
import { sql } from 'slonik';
import { z } from 'zod';
import type { KeyRing } from './key-ring.ts';
import type { QueryPool } from './pool.ts';

/** Whether a member of the mall asked to be forgotten. */
export type ErasedPredicate = (memberId: string) => boolean;

/**
 * To be loaded after the execution is claimed: it waits for an erasure under way, and one that comes later takes the
 * execution from its holder.
 * @throws TerminalError ConfigInvalid when a key that hashed a member is not in the ring: nobody must come back unnoticed
 */
export async function loadErasedMembers(pool: QueryPool, ring: KeyRing, mallId: number): Promise<ErasedPredicate> {
  const rows = await selectHashes(pool, mallId);
  if (rows.length === 0) return () => false;
  const hashesByKey = Map.groupBy(rows, (row) => row.key_id);
  const tests = [...hashesByKey].map(([keyId, hashes]) => {
    const known = new Set(hashes.map((row) => row.member_hash.toString('hex')));
    ring.deriveKey(keyId, 'erased-member');
    return (memberId: string): boolean => known.has(hashMember(ring, keyId, mallId, memberId).toString('hex'));
  });
  return (memberId) => tests.some((isErased) => isErased(memberId));
}

/** A keyed hash, since a plain one of so short an id could be guessed. */
export function hashMember(ring: KeyRing, keyId: string, mallId: number, memberId: string): Buffer {
  return createHmac('sha256', ring.deriveKey(keyId, 'erased-member')).update(`${mallId}|${memberId}`).digest();
}

/** The lock between erasures of a mall and those who load what was erased, by the name that is hashed for it. */
export function nameErasureLock(mallId: number): string {
  return `mallsync erasure ${mallId}`;
}

const hashRow = z.object({ member_hash: z.instanceof(Buffer), key_id: z.string() });

/** The lock is a statement of its own: one that waited for it would still see what stood there before. */
async function selectHashes(pool: QueryPool, mallId: number): Promise<readonly z.infer<typeof hashRow>[]> {
  return await pool.transaction(async (tx) => {
    await tx.query(sql.unsafe`
      select pg_advisory_xact_lock_shared(hashtextextended(${nameErasureLock(mallId)}, 0))`);
    return await tx.any(sql.type(hashRow)`
      select member_hash, key_id from mallsync.tb_erased_member where mall_id = ${mallId}`);
  });
}
