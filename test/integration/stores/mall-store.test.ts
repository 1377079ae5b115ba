import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { createMallStore, type MallStore } from '../../../src/adapters/postgres/mall-store.ts';
import { createTokenStore } from '../../../src/adapters/postgres/token-store.ts';
import type { TokenStore } from '../../../src/domain/token-store.ts';
import { createTestDatabase } from '../../support/database.ts';
import { aMall, aPair, cipher, importMalls } from './mall-fixture.ts';

const testDatabase = await createTestDatabase();
let database: Database;
let malls: MallStore;
let tokens: TokenStore;

beforeAll(async () => {
  database = await testDatabase.open();
  malls = createMallStore({ pool: database.pool });
  tokens = createTokenStore({ pool: database.pool, cipher });
});

beforeEach(async () => {
  await testDatabase.query('truncate mallsync.tb_mall_config cascade');
});

async function snapshot(): Promise<unknown> {
  return await testDatabase.query(
    'select m.*, c.*, m.xmin as mall_version from mallsync.tb_mall_config m left join mallsync.tb_mall_credential c using (mall_id)',
  );
}

describe('import of malls', () => {
  it('adds malls with defaults and their credentials', async () => {
    const result = await importMalls(database, [aMall(1, { labels: { tier: 'gold' }, shopNos: [1, 2] }), aMall(2)]);
    expect(result).toEqual([
      { mallId: 1, mall: 'added', credential: 'insert' },
      { mallId: 2, mall: 'added', credential: 'insert' },
    ]);
    expect(await malls.findMall(2)).toEqual({
      mallId: 2,
      cafe24MallId: 'mall2',
      name: 'mall2',
      active: true,
      shopNos: null,
      domainTypes: ['MEMBER', 'ORDER', 'SALES'],
      labels: {},
      settings: {},
      credential: {
        clientId: 'client',
        state: 'ACTIVE',
        generation: 0,
        hasRefreshToken: true,
        refreshExpiresAtMs: null,
        lastRefreshedAtMs: null,
      },
    });
    expect(await malls.findMall(1)).toMatchObject({ labels: { tier: 'gold' }, shopNos: [1, 2] });
  });

  it('writes nothing when the same file comes again', async () => {
    const file = [aMall(1, { settings: { orderDateTypes: ['pay_date'] } }), aMall(2, { active: false })];
    await importMalls(database, file);
    const before = await snapshot();
    expect(await importMalls(database, file)).toEqual([
      { mallId: 1, mall: 'unchanged', credential: 'unchanged' },
      { mallId: 2, mall: 'unchanged', credential: 'unchanged' },
    ]);
    expect(await snapshot()).toEqual(before);
  });

  it('keeps what the file does not say', async () => {
    await importMalls(database, [
      aMall(1, { name: 'First', shopNos: [1], labels: { a: 'b' }, domainTypes: ['ORDER'] }),
    ]);
    await malls.saveActive([1], false);
    await importMalls(database, [{ mallId: 1, cafe24MallId: 'mall1', name: 'Second' }]);
    expect(await malls.findMall(1)).toMatchObject({
      name: 'Second',
      active: false,
      shopNos: [1],
      labels: { a: 'b' },
      domainTypes: ['ORDER'],
      credential: { hasRefreshToken: true },
    });
    await importMalls(database, [{ mallId: 1, cafe24MallId: 'mall1', shopNos: null }]);
    expect(await malls.findMall(1)).toMatchObject({ shopNos: null });
  });

  it('never puts a file’s token over a pair that works, unless forced', async () => {
    await importMalls(database, [aMall(1)]);
    await tokens.saveTokens(1, 0, aPair('working'));
    expect(await importMalls(database, [aMall(1)])).toMatchObject([{ credential: 'unchanged' }]);
    expect(await importMalls(database, [aMall(1, { refreshToken: 'older' })])).toMatchObject([{ credential: 'keep' }]);
    expect(await importMalls(database, [aMall(1, { clientId: 'other app' })])).toMatchObject([{ credential: 'keep' }]);
    expect(await tokens.load(1)).toMatchObject({ refreshToken: 'refresh working', generation: 1, clientId: 'client' });
    expect(await importMalls(database, [aMall(1, { refreshToken: 'older' })], true)).toMatchObject([
      { credential: 'replace' },
    ]);
    expect(await tokens.load(1)).toMatchObject({ refreshToken: 'older', generation: 2, accessToken: null });
  });

  it('takes a new token where no refresh has proven the old one, and a refresh under way then stores nothing', async () => {
    await importMalls(database, [aMall(1)]);
    await tokens.claimRefresh(1, 0, 30);
    expect(await importMalls(database, [aMall(1, { refreshToken: 'corrected' })])).toMatchObject([
      { credential: 'replace' },
    ]);
    expect(await tokens.saveTokens(1, 0, aPair('late'))).toBe(false);
    expect(await tokens.load(1)).toMatchObject({ refreshToken: 'corrected', generation: 1 });
  });

  it('mends a lost consent by a new token, but not by the one that was imported before', async () => {
    await importMalls(database, [aMall(1)]);
    await tokens.saveTokens(1, 0, aPair('working'));
    await tokens.markState(1, 1, 'NEEDS_CONSENT');
    expect(await importMalls(database, [aMall(1)])).toMatchObject([{ credential: 'unchanged' }]);
    expect(await tokens.load(1)).toMatchObject({ state: 'NEEDS_CONSENT' });
    expect(await importMalls(database, [aMall(1, { refreshToken: 'new' })])).toMatchObject([{ credential: 'replace' }]);
    expect(await tokens.load(1)).toMatchObject({ state: 'ACTIVE', refreshToken: 'new', generation: 2 });
  });

  it('changes the secret of the same client and leaves the pair', async () => {
    await importMalls(database, [aMall(1)]);
    await tokens.saveTokens(1, 0, aPair('working'));
    expect(await importMalls(database, [aMall(1, { clientSecret: 'rotated' })])).toMatchObject([
      { credential: 'update-secret' },
    ]);
    expect(await tokens.load(1)).toMatchObject({
      clientSecret: 'rotated',
      refreshToken: 'refresh working',
      generation: 1,
    });
  });

  it('waits for consent when the file brings a client without token, and takes malls without client', async () => {
    await importMalls(database, [aMall(1, { refreshToken: undefined }), { mallId: 2, cafe24MallId: 'mall2' }]);
    expect(await tokens.load(1)).toMatchObject({ state: 'NEEDS_CONSENT', refreshToken: null });
    expect(await malls.findMall(2)).toMatchObject({ credential: null });
  });

  it('refuses the whole file when a number or a Cafe24 id already means another mall', async () => {
    await importMalls(database, [aMall(1), aMall(2)]);
    const before = await snapshot();
    await expect(importMalls(database, [aMall(3), aMall(1, { cafe24MallId: 'renamed' })])).rejects.toMatchObject({
      reason: 'ConfigInvalid',
      message: expect.stringContaining('mall 1 is mall1 and cannot become renamed'),
    });
    await expect(importMalls(database, [aMall(4, { cafe24MallId: 'mall2' })])).rejects.toThrow(
      /mall2 is mall 2 already/,
    );
    expect(await snapshot()).toEqual(before);
  });

  it('lets files with the same new malls run at once', async () => {
    const rivals = await Promise.all(Array.from({ length: 4 }, () => testDatabase.open()));
    for (let round = 0; round < 20; round += 1) {
      const file = Array.from({ length: 20 }, (_, index) => aMall(round * 20 + index + 1));
      await Promise.all(rivals.map((rival, n) => importMalls(rival, n % 2 === 0 ? file : file.toReversed())));
    }
    expect(await malls.listMalls()).toHaveLength(400);
    expect(await tokens.load(400)).toMatchObject({ refreshToken: 'first refresh 400', generation: 0 });
  });

  it('refuses one of two files that give one Cafe24 id two numbers at once, as taken', async () => {
    const rivals = await Promise.all([testDatabase.open(), testDatabase.open()]);
    for (let round = 1; round <= 10; round += 1) {
      const results = await Promise.allSettled([
        importMalls(rivals[0], [aMall(round)]),
        importMalls(rivals[1], [{ ...aMall(round), mallId: 100 + round }]),
      ]);
      const refused = results.filter((result) => result.status === 'rejected');
      expect(refused.map(({ reason }) => String(reason))).toEqual([
        expect.stringMatching(/mall\d+ is mall \d+ already/),
      ]);
    }
  });
});

describe('mall store', () => {
  beforeEach(async () => {
    await importMalls(database, [
      aMall(3, { labels: { tier: 'gold', country: 'kr' } }),
      aMall(1, { domainTypes: ['MEMBER'], labels: { tier: 'gold' } }),
      aMall(2, { active: false, labels: { tier: 'gold' } }),
    ]);
  });

  const ids = (selected: readonly { readonly mallId: number }[]): readonly number[] =>
    selected.map((mall) => mall.mallId);

  it('selects active malls by domain type and labels, in order', async () => {
    expect(ids(await malls.selectMalls({ kind: 'active' }))).toEqual([1, 3]);
    expect(ids(await malls.selectMalls({ kind: 'active', domainType: 'ORDER' }))).toEqual([3]);
    expect(ids(await malls.selectMalls({ kind: 'active', labels: { tier: 'gold' } }))).toEqual([1, 3]);
    expect(ids(await malls.selectMalls({ kind: 'active', labels: { tier: 'gold', country: 'kr' } }))).toEqual([3]);
  });

  it('selects malls by number, inactive ones too, and names those that do not exist', async () => {
    expect(ids(await malls.selectMalls({ kind: 'ids', mallIds: [3, 2] }))).toEqual([2, 3]);
    await expect(malls.selectMalls({ kind: 'ids', mallIds: [1, 8, 9] })).rejects.toThrow(/no mall 8, 9;/);
  });

  it('activates and deactivates all named malls or none', async () => {
    await malls.saveActive([1, 2, 2], true);
    expect(ids(await malls.selectMalls({ kind: 'active' }))).toEqual([1, 2, 3]);
    await expect(malls.saveActive([1, 8], false)).rejects.toThrow(/no mall 8;/);
    expect(ids(await malls.selectMalls({ kind: 'active' }))).toEqual([1, 2, 3]);
  });
});
