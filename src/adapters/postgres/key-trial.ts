import { TerminalError } from '../../domain/errors.ts';
import type { Cipher } from './cipher.ts';
import type { KeyRing } from './key-ring.ts';
import type { Secrets } from './key-rotation.ts';
import { loadErasedKeyUse, readAllSecrets } from './key-rotation.ts';
import type { QueryPool } from './pool.ts';

export interface KeyTrial {
  /** Malls that have a credential. */
  readonly malls: number;
  /** One message for each mall whose credential does not open. */
  readonly closed: readonly string[];
  /** One for each missing key of erased members, who could come back without it. */
  readonly missing: readonly string[];
}

interface Keys {
  readonly ring: KeyRing;
  readonly cipher: Cipher;
}

const COLUMNS = ['client_secret', 'access_token', 'refresh_token'] as const;

/** Opens every stored credential, and looks for the keys of erased members. It writes nothing. */
export async function tryKeys(pool: QueryPool, { ring, cipher }: Keys, signal: AbortSignal): Promise<KeyTrial> {
  let malls = 0;
  const closed: string[] = [];
  for await (const secrets of readAllSecrets(pool)) {
    signal.throwIfAborted();
    malls += 1;
    closed.push(...listFaults(() => openAll(cipher, secrets)));
  }
  const erased = await loadErasedKeyUse(pool);
  const missing = erased.flatMap(({ key_id: keyId }) => listFaults(() => void ring.deriveKey(keyId, 'erased-member')));
  return { malls, closed, missing };
}

function openAll(cipher: Cipher, secrets: Secrets): void {
  for (const column of COLUMNS) {
    const secret = secrets[column];
    if (secret !== null) cipher.decrypt(secret, { mallId: secrets.mall_id, column });
  }
}

/** None or one: the message of the key or value that is not right. */
function listFaults(open: () => void): readonly string[] {
  try {
    open();
    return [];
  } catch (error) {
    if (error instanceof TerminalError && error.reason === 'ConfigInvalid') return [error.message];
    throw error;
  }
}
