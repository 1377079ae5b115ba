import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TokenStore } from '../../../src/domain/token-store.ts';
import { createCredentialStore } from '../../../src/adapters/postgres/credential-store.ts';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { createTokenStore } from '../../../src/adapters/postgres/token-store.ts';
import { createTestDatabase } from '../../support/database.ts';
import { aMall, aPair, cipher, importMalls } from './mall-fixture.ts';

const testDatabase = await createTestDatabase();
let database: Database;
let store: TokenStore;
let mallId = 0;

beforeAll(async () => {
  database = await testDatabase.open();
});

beforeEach(async () => {
  mallId += 1;
  await importMalls(database, [aMall(mallId)]);
  store = createTokenStore({ pool: database.pool, cipher });
});

async function openStore(): Promise<TokenStore> {
  return createTokenStore({ pool: (await testDatabase.open()).pool, cipher });
}

async function passSeconds(seconds: number): Promise<void> {
  await testDatabase.query(
    `update mallsync.tb_mall_credential set refreshing_until = refreshing_until - make_interval(secs => $1) where mall_id = $2`,
    [seconds, mallId],
  );
}

describe('token store', () => {
  it('loads what an import stored, decrypted, as generation 0 without an access token', async () => {
    expect(await store.load(mallId)).toEqual({
      mallId,
      cafe24MallId: `mall${mallId}`,
      clientId: 'client',
      clientSecret: 'client secret',
      accessToken: null,
      accessExpiresAtMs: null,
      refreshToken: `first refresh ${mallId}`,
      refreshExpiresAtMs: null,
      generation: 0,
      state: 'ACTIVE',
    });
  });

  it('holds no secret readable in the table', async () => {
    await store.saveTokens(mallId, 0, aPair('readable'));
    const [row] = await testDatabase.query(
      `select c::text as row from mallsync.tb_mall_credential c where mall_id = $1`,
      [mallId],
    );
    for (const secret of ['client secret', 'access readable', 'refresh readable', 'first refresh']) {
      expect(row?.['row']).not.toContain(Buffer.from(secret).toString('hex'));
    }
  });

  it('returns a stored pair to the millisecond as the next generation', async () => {
    const pair = aPair('one', 1_765_000_000_123);
    expect(await store.saveTokens(mallId, 0, pair)).toBe(true);
    const { scopes: _, ...tokens } = pair;
    expect(await store.load(mallId)).toMatchObject({ ...tokens, generation: 1, state: 'ACTIVE' });
  });

  it('names a mall without credential', async () => {
    await expect(store.load(999_999)).rejects.toMatchObject({
      reason: 'ConfigInvalid',
      message: expect.stringContaining('mall 999999'),
    });
  });

  it('lets one of eight claim a generation', async () => {
    const stores = await Promise.all(Array.from({ length: 8 }, openStore));
    const claims = await Promise.all(stores.map((rival) => rival.claimRefresh(mallId, 0, 30)));
    expect(claims.toSorted()).toEqual(['claimed', ...Array.from({ length: 7 }, () => 'held-by-another')]);
  });

  it('tells a moved generation and a lost consent from a held claim', async () => {
    await store.saveTokens(mallId, 0, aPair('next'));
    expect(await store.claimRefresh(mallId, 0, 30)).toBe('generation-moved');
    await store.markState(mallId, 1, 'NEEDS_CONSENT');
    expect(await store.claimRefresh(mallId, 1, 30)).toBe('not-active');
    expect(await store.claimRefresh(999_999, 0, 30)).toBe('generation-moved');
  });

  it('lets an expired claim be taken over', async () => {
    await store.claimRefresh(mallId, 0, 30);
    await passSeconds(29);
    expect(await store.claimRefresh(mallId, 0, 30)).toBe('held-by-another');
    await passSeconds(1);
    expect(await store.claimRefresh(mallId, 0, 30)).toBe('claimed');
  });

  it('gives back its own claim, but not the one that another took over', async () => {
    const successor = await openStore();
    await store.claimRefresh(mallId, 0, 30);
    await store.releaseRefresh(mallId, 0);
    expect(await store.claimRefresh(mallId, 0, 30)).toBe('claimed');
    await passSeconds(30);
    expect(await successor.claimRefresh(mallId, 0, 30)).toBe('claimed');
    await store.releaseRefresh(mallId, 0);
    await store.markState(mallId, 0, 'ACTIVE');
    expect(await store.claimRefresh(mallId, 0, 30)).toBe('held-by-another');
  });

  it('stores no pair of a generation that has moved on', async () => {
    await store.claimRefresh(mallId, 0, 30);
    expect(await (await openStore()).saveTokens(mallId, 0, aPair('winner'))).toBe(true);
    expect(await store.saveTokens(mallId, 0, aPair('late'))).toBe(false);
    expect(await store.load(mallId)).toMatchObject({ refreshToken: 'refresh winner', generation: 1 });
    expect(await store.claimRefresh(mallId, 1, 30)).toBe('claimed');
  });

  it('marks a state only where the generation still stands, and frees its own claim with it', async () => {
    await store.claimRefresh(mallId, 0, 30);
    await store.markState(mallId, 0, 'UNINSTALLED');
    await store.markState(mallId, 0, 'ACTIVE');
    expect(await store.claimRefresh(mallId, 0, 30)).toBe('claimed');
    await store.saveTokens(mallId, 0, aPair('next'));
    await store.markState(mallId, 0, 'NEEDS_CONSENT');
    expect(await store.load(mallId)).toMatchObject({ state: 'ACTIVE' });
  });
});

describe('credential store', () => {
  it('puts a fresh consent over everything, and a refresh under way then stores nothing', async () => {
    const credentials = createCredentialStore({ pool: database.pool, cipher });
    await store.claimRefresh(mallId, 0, 30);
    await store.markState(mallId, 0, 'NEEDS_CONSENT');
    await credentials.saveConsent(mallId, aPair('consent'));
    expect(await store.saveTokens(mallId, 0, aPair('late'))).toBe(false);
    expect(await store.load(mallId)).toMatchObject({ refreshToken: 'refresh consent', generation: 1, state: 'ACTIVE' });
    await expect(credentials.saveConsent(999_999, aPair('nobody'))).rejects.toMatchObject({ reason: 'ConfigInvalid' });
  });

  it('lists the active malls whose tokens lie idle or whose consent is lost', async () => {
    const credentials = createCredentialStore({ pool: database.pool, cipher });
    await testDatabase.query(`update mallsync.tb_mall_config set active = false`);
    const [fresh, idle, lost, inactive] = [501, 502, 503, 504];
    await importMalls(database, [aMall(fresh), aMall(idle), aMall(lost), aMall(inactive, { active: false })]);
    for (const id of [fresh, idle, lost, inactive]) await store.saveTokens(id, 0, aPair(`${id}`));
    await testDatabase.query(
      `update mallsync.tb_mall_credential set last_refreshed_at = now() - interval '8 days' where mall_id <> $1`,
      [fresh],
    );
    await store.markState(lost, 1, 'NEEDS_CONSENT');
    expect(await credentials.listIdle(7 * 86_400)).toEqual([idle]);
    expect(await credentials.listLostConsents()).toEqual([lost]);
  });
});
