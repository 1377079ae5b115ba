import { randomBytes } from 'node:crypto';
import { createCipher } from '../../../src/adapters/postgres/cipher.ts';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { parseKeyRing } from '../../../src/adapters/postgres/key-ring.ts';
import { createMallImporter } from '../../../src/adapters/postgres/mall-import-store.ts';
import { parseMallImports } from '../../../src/adapters/postgres/mall-import.ts';
import type { TokenPair } from '../../../src/domain/credential.ts';

export function buildKey(keyId: string): string {
  return `${keyId}:${randomBytes(32).toString('base64')}`;
}

export const keyRing = parseKeyRing(buildKey('test'));
export const cipher = createCipher(keyRing);

export function aMall(mallId: number, fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    mallId,
    cafe24MallId: `mall${mallId}`,
    clientId: 'client',
    clientSecret: 'client secret',
    refreshToken: `first refresh ${mallId}`,
    ...fields,
  };
}

export async function importMalls(database: Database, malls: readonly unknown[], isForced = false) {
  return await createMallImporter({ pool: database.pool, cipher }).importMalls(parseMallImports(malls), isForced);
}

const DAY_MS = 86_400_000;

export function aPair(name: string, nowMs = Date.now()): TokenPair {
  return {
    accessToken: `access ${name}`,
    accessExpiresAtMs: nowMs + 7_200_000,
    refreshToken: `refresh ${name}`,
    refreshExpiresAtMs: nowMs + 14 * DAY_MS,
    scopes: ['mall.read_customer', 'mall.read_order'],
  };
}
