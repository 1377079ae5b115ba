import { sql } from 'slonik';
import { z } from 'zod';
import type { TokenPair } from '../../domain/credential.ts';
import { TerminalError } from '../../domain/errors.ts';
import type { QueryPool } from './pool.ts';
import { saveTokenPair, type TokenStoreOptions } from './token-store.ts';

/** What a person or a schedule does with credentials; what a run does with them is the token store. */
export interface CredentialStore {
  /**
   * Stores the pair that a mall's owner has just consented to, whatever stood there before; a refresh under way with the
   * old pair stores nothing. @throws TerminalError ConfigInvalid when the mall has no client yet.
   */
  saveConsent(mallId: number, pair: TokenPair): Promise<void>;
  /**
   * Active malls whose refresh token nobody has used for `idleSeconds` and which therefore would run out unseen; the one
   * that runs out first comes first.
   */
  listIdle(idleSeconds: number): Promise<readonly number[]>;
  /** Active malls whose consent is lost, the longest untried first. */
  listLostConsents(): Promise<readonly number[]>;
}

export function createCredentialStore(options: TokenStoreOptions): CredentialStore {
  const { pool } = options;
  return {
    async saveConsent(mallId, pair) {
      if (await saveTokenPair(options, mallId, null, pair)) return;
      throw new TerminalError(
        'ConfigInvalid',
        `mall ${mallId} has no client id and secret yet; give them with \`mallsync malls add\` or \`malls import\``,
      );
    },
    listIdle: (idleSeconds) => listIdle(pool, idleSeconds),
    listLostConsents: () => listLostConsents(pool),
  };
}

const mallIdRow = z.object({ mall_id: z.number() });

async function listIdle(pool: QueryPool, idleSeconds: number): Promise<readonly number[]> {
  return await pool.anyFirst(sql.type(mallIdRow)`
    select c.mall_id from mallsync.tb_mall_credential c join mallsync.tb_mall_config m using (mall_id)
    where m.active and c.state = 'ACTIVE' and c.refresh_token is not null
      and coalesce(c.last_refreshed_at, c.updated_at) < now() - make_interval(secs => ${idleSeconds}::float8)
    order by c.refresh_expires_at nulls first, c.mall_id`);
}

async function listLostConsents(pool: QueryPool): Promise<readonly number[]> {
  return await pool.anyFirst(sql.type(mallIdRow)`
    select c.mall_id from mallsync.tb_mall_credential c join mallsync.tb_mall_config m using (mall_id)
    where m.active and c.state <> 'ACTIVE' and c.refresh_token is not null
    order by c.last_tried_at nulls first, c.mall_id`);
}
