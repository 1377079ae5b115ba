import { beforeEach, describe, expect, it } from 'vitest';
import { createCipher } from '../../../src/adapters/postgres/cipher.ts';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { eraseMember } from '../../../src/adapters/postgres/erase.ts';
import { parseKeyRing } from '../../../src/adapters/postgres/key-ring.ts';
import { loadKeyUse, rotateKeys } from '../../../src/adapters/postgres/key-rotation.ts';
import { createMallImporter } from '../../../src/adapters/postgres/mall-import-store.ts';
import { parseMallImports } from '../../../src/adapters/postgres/mall-import.ts';
import { createTokenStore } from '../../../src/adapters/postgres/token-store.ts';
import { createTestDatabase } from '../../support/database.ts';
import { aMall, aPair, buildKey } from './mall-fixture.ts';

const MALLS = 230;
const testDatabase = await createTestDatabase();
const { signal } = new AbortController();
const [oldKey, newKey] = [buildKey('old'), buildKey('new')];
const oldRing = parseKeyRing(oldKey);
const bothRing = parseKeyRing(`${newKey},${oldKey}`);
const [oldCipher, bothCipher, newCipher] = [oldRing, bothRing, parseKeyRing(newKey)].map(createCipher) as [
  ReturnType<typeof createCipher>,
  ReturnType<typeof createCipher>,
  ReturnType<typeof createCipher>,
];
let database: Database;

beforeEach(async () => {
  database = await testDatabase.open();
  await testDatabase.query('truncate mallsync.tb_mall_config cascade');
  const malls = parseMallImports(Array.from({ length: MALLS }, (_, index) => aMall(index + 1)));
  await createMallImporter({ pool: database.pool, cipher: oldCipher }).importMalls(malls, false);
  await createTokenStore({ pool: database.pool, cipher: oldCipher }).saveTokens(1, 0, aPair('one'));
});

describe('key rotation', () => {
  it('encrypts every credential with the first key, after which the old one can go', async () => {
    expect(await rotateKeys(database.pool, bothCipher, signal)).toEqual({ rotated: MALLS, current: 0 });
    const store = createTokenStore({ pool: database.pool, cipher: newCipher });
    expect(await store.load(1)).toMatchObject({
      accessToken: 'access one',
      refreshToken: 'refresh one',
      generation: 1,
    });
    expect(await store.load(MALLS)).toMatchObject({
      refreshToken: `first refresh ${MALLS}`,
      clientSecret: 'client secret',
    });
    expect(await rotateKeys(database.pool, bothCipher, signal)).toEqual({ rotated: 0, current: MALLS });
  });

  it('finds a secret of an old key in a row whose other secrets are current', async () => {
    await createTokenStore({ pool: database.pool, cipher: bothCipher }).saveTokens(2, 0, aPair('two'));
    expect(await rotateKeys(database.pool, bothCipher, signal)).toEqual({ rotated: MALLS, current: 0 });
    const store = createTokenStore({ pool: database.pool, cipher: newCipher });
    expect(await store.load(2)).toMatchObject({ refreshToken: 'refresh two', clientSecret: 'client secret' });
  });

  it('goes on where it was cut short', async () => {
    const stop = new AbortController();
    let queries = 0;
    const counted = new Proxy(database.pool, {
      get(pool, name, receiver) {
        if (name === 'query' && (queries += 1) === 30) stop.abort(new Error('cut short'));
        return Reflect.get(pool, name, receiver) as unknown;
      },
    });
    await expect(rotateKeys(counted, bothCipher, stop.signal)).rejects.toThrow('cut short');
    expect(await rotateKeys(database.pool, bothCipher, signal)).toEqual({ rotated: MALLS - 30, current: 30 });
  });

  it('never puts an old secret back over one that a refresh stores meanwhile', async () => {
    const refresher = createTokenStore({ pool: (await testDatabase.open()).pool, cipher: oldCipher });
    let isRefreshed = false;
    const racing = new Proxy(database.pool, {
      get(pool, name, receiver) {
        if (name !== 'query' || isRefreshed) return Reflect.get(pool, name, receiver) as unknown;
        isRefreshed = true;
        return async (...args: Parameters<typeof pool.query>) => {
          await refresher.saveTokens(1, 1, aPair('meanwhile'));
          return await pool.query(...args);
        };
      },
    });
    expect(await rotateKeys(racing, bothCipher, signal)).toEqual({ rotated: MALLS, current: 0 });
    const store = createTokenStore({ pool: database.pool, cipher: newCipher });
    expect(await store.load(1)).toMatchObject({ refreshToken: 'refresh meanwhile', generation: 2 });
  });

  it('tells what still needs a key', async () => {
    await eraseMember(database, oldRing, { mallId: 1, memberId: 'kim' }, []);
    await createTokenStore({ pool: database.pool, cipher: bothCipher }).saveTokens(2, 0, aPair('two'));
    expect(await loadKeyUse(database.pool, bothCipher)).toEqual([
      { keyId: 'new', credentials: 1, erasedMembers: 0 },
      { keyId: 'old', credentials: MALLS, erasedMembers: 1 },
    ]);
    await rotateKeys(database.pool, bothCipher, signal);
    expect(await loadKeyUse(database.pool, bothCipher)).toEqual([
      { keyId: 'new', credentials: MALLS, erasedMembers: 0 },
      { keyId: 'old', credentials: 0, erasedMembers: 1 },
    ]);
  });
});
