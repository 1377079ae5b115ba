import { expect, test } from 'vitest';
import { memberTable } from '../../../src/datasets/member/member-table.ts';
import { orderTable } from '../../../src/datasets/order/order-table.ts';
import { createCipher } from '../../../src/adapters/postgres/cipher.ts';
import { parseKeyRing } from '../../../src/adapters/postgres/key-ring.ts';
import { createTokenStore } from '../../../src/adapters/postgres/token-store.ts';
import type { SimulatedMall } from '../../../src/simulator/mall.ts';
import { DAY, openPipeline, type PipelineMall } from '../../support/pipeline.ts';
import { runProgram } from '../../support/program.ts';
import { listStoredRows, type StoredRow } from '../../support/truth-rows.ts';
import { readApiRows } from '../../support/truth.ts';

const pipeline = await openPipeline();
const { db, simulator, addMall, run } = pipeline;
const { control } = simulator;

const AGAIN = { mode: 'REPROCESS' } as const;
const PERSONAL_MEMBER = ['name', 'cellphone', 'email', 'address1', 'birthday', 'nick_name', 'zipcode', 'gender'];
const PERSONAL_ORDER = ['member_email', 'billing_name', 'bank_account_no', 'bank_account_owner_name'];

const listMembers = (mall: PipelineMall) => listStoredRows(pipeline, mall, 'tb_member', 'member_id');
const listOrders = (mall: PipelineMall) => listStoredRows(pipeline, mall, 'tb_order', 'order_id');

function listValues(rows: readonly Readonly<Record<string, unknown>>[], names: readonly string[]): readonly string[] {
  return rows
    .flatMap((row) => names.map((name) => row[name]))
    .filter((value) => typeof value === 'string' && value !== '') as string[];
}

function withoutPersonal(rows: readonly StoredRow[], table: typeof memberTable): unknown {
  const personal = new Set(table.columns.filter(({ dataClass }) => dataClass === 'personal').map(({ name }) => name));
  return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !personal.has(name))));
}

test('masked and none store every row with all that is not personal, and of the rest a mask or nothing', async () => {
  const mall = await addMall({ membersPerDay: 60, ordersPerDay: 40 });
  const fields = { brand_new: 'somebody@example.org' };
  control.editRows(mall.cafe24MallId, { op: 'change', domainType: 'MEMBER', ...DAY, count: 1, fields });
  const [masked, none] = [await pipeline.openRunner({ pii: 'masked' }), await pipeline.openRunner({ pii: 'none' })];
  const stored: { members: readonly StoredRow[]; orders: readonly StoredRow[] }[] = [];
  for (const runner of [pipeline, masked, none]) {
    for (const domainType of ['MEMBER', 'ORDER'] as const) {
      expect(await runner.run(mall, { ...(stored.length > 0 ? AGAIN : {}), domainType })).toMatchObject({
        status: 'COMPLETED',
        stale: 0,
        rejected: 0,
      });
    }
    stored.push({ members: await listMembers(mall), orders: await listOrders(mall) });
  }
  const [full, asMasks, asNothing] = stored;
  for (const kept of [asMasks, asNothing]) {
    const told = JSON.stringify(kept);
    const secrets = [...listValues(full?.members ?? [], ['cellphone', 'email', 'name']), fields.brand_new];
    expect(secrets.length).toBeGreaterThan(100);
    expect(secrets.filter((value) => told.includes(JSON.stringify(value).slice(1, -1)))).toEqual([]);
    const clean = (rows: readonly StoredRow[] = []) => rows.map((row) => ({ ...row, extra: null }));
    expect(withoutPersonal(clean(kept?.members), memberTable)).toEqual(
      withoutPersonal(clean(full?.members), memberTable),
    );
    expect(withoutPersonal(clean(kept?.orders), orderTable)).toEqual(withoutPersonal(clean(full?.orders), orderTable));
  }
  expect(new Set(listValues(asMasks?.members ?? [], ['email', 'cellphone']).map((value) => value.slice(1)))).toEqual(
    new Set(['***']),
  );
  expect(listValues(asNothing?.members ?? [], PERSONAL_MEMBER)).toEqual([]);
  expect(listValues(asNothing?.orders ?? [], PERSONAL_ORDER)).toEqual([]);
  expect(listValues(full?.orders ?? [], PERSONAL_ORDER).length).toBeGreaterThan(0);
});

test('a member who is erased is nowhere any more, and no re-read and no replay brings the person back', async () => {
  const mall = await addMall({ membersPerDay: 40, ordersPerDay: 200 });
  const [target, spoilt] = await pickBuyers(mall);
  const fields = { brand_new: `about ${target}` };
  control.editRows(mall.cafe24MallId, { op: 'change', domainType: 'MEMBER', keys: [target], fields });
  control.editRows(mall.cafe24MallId, { op: 'poison', domainType: 'MEMBER', keys: [spoilt], kind: 'bad-amount' });
  for (const domainType of ['MEMBER', 'ORDER'] as const) await run(mall, { domainType });
  const before = await listOrders(mall);
  expect(await countMentions(mall, target)).toBeGreaterThan(1);
  expect(await countMentions(mall, spoilt)).toBeGreaterThan(1);

  for (const memberId of [target, spoilt]) {
    const erased = await pipeline.command(['erase', '--mall', String(mall.mallId), '--member', memberId, '--json']);
    expect(erased.exitCode, erased.stderr).toBe(0);
    expect(await countMentions(mall, memberId)).toBe(0);
  }
  const after = await listOrders(mall);
  expect(after).toHaveLength(before.length);
  const emptied = after.filter((_, n) => [target, spoilt].includes(before[n]?.['member_id'] ?? ''));
  expect(emptied.length).toBeGreaterThanOrEqual(2);
  expect(
    emptied
      .flatMap((row) => [row['member_id'], ...PERSONAL_ORDER.map((name) => row[name])])
      .filter((value) => value !== null),
  ).toEqual([]);
  expect(emptied.every((row) => row['payment_amount'] !== null)).toBe(true);
  const amounts = (rows: readonly StoredRow[]) => rows.map((row) => [row['order_id'], row['payment_amount']]);
  expect(amounts(after)).toEqual(amounts(before));

  control.editRows(mall.cafe24MallId, { op: 'change', domainType: 'MEMBER', ...DAY });
  control.editRows(mall.cafe24MallId, { op: 'change', domainType: 'ORDER', ...DAY });
  control.editRows(mall.cafe24MallId, { op: 'heal', domainType: 'MEMBER', ...DAY });
  expect(await run(mall, AGAIN)).toMatchObject({ status: 'COMPLETED', updated: 38, inserted: 0, rejected: 0 });
  expect(await run(mall, { ...AGAIN, domainType: 'ORDER' })).toMatchObject({ status: 'COMPLETED', updated: 200 });
  for (const memberId of [target, spoilt]) expect(await countMentions(mall, memberId)).toBe(0);
  expect(await listMembers(mall)).toHaveLength(38);
});

/** Two members of the day who also ordered on it. */
async function pickBuyers(mall: PipelineMall): Promise<readonly [string, string]> {
  const buyers = new Set((await readApiRows(pipeline, mall, 'ORDER')).map((row) => row['member_id']));
  const members = (await readApiRows(pipeline, mall, 'MEMBER')).map((row) => String(row['member_id']));
  const [one = '', two = ''] = members.filter((memberId) => buyers.has(memberId));
  expect(two).not.toBe('');
  return [one, two];
}

/** Rows of any table of the schema that name the member, in any column. */
async function countMentions({ mallId }: PipelineMall, memberId: string): Promise<number> {
  const tables = await db.query<{ name: string }>(
    `select table_name as name from information_schema.columns
     where table_schema = 'mallsync' and column_name = 'mall_id' order by 1`,
  );
  const counts = tables.map(
    ({ name }) => `select count(*) as n from mallsync.${name} as t where mall_id = $1 and strpos(t::text, $2) > 0`,
  );
  const [sum] = await db.query<{ n: number }>(
    `select (select count(*) from mallsync.tb_audit_log as a where strpos(a::text, $2) > 0)::integer
       + sum(n)::integer as n from (${counts.join(' union all ')}) as mentions`,
    [mallId, memberId],
  );
  return sum?.n ?? 0;
}

test(
  'nothing secret and nothing personal is said by a run, whatever goes wrong in it',
  { timeout: 60_000 },
  async () => {
    const spoilt = {
      membersPerDay: 60,
      ordersPerDay: 40,
      poison: {
        members: {
          perDay: 6,
          kinds: ['bad-date', 'nul-character', 'too-long', 'wrong-type', 'missing-key', 'bad-amount'],
        },
        orders: { perDay: 3, kinds: ['bad-date', 'wrong-type', 'bad-amount'] },
      },
    } satisfies Partial<SimulatedMall>;
    const malls = [await addMall(spoilt), await addMall({ membersPerDay: 20 }), await addMall({ membersPerDay: 20 })];
    const [poisoned = { mallId: 0, cafe24MallId: '' }, forbidden, torn] = malls;
    control.addFault(forbidden?.cafe24MallId ?? '', { endpoint: 'customersprivacy', kind: 'invalid-401' });
    control.addFault(torn?.cafe24MallId ?? '', { endpoint: 'customersprivacy', kind: 'truncated-json', times: 1 });
    control.addFault(torn?.cafe24MallId ?? '', { endpoint: 'orders', kind: 'wrong-shape' });
    await db.query(
      `alter table mallsync.tb_member add constraint refuse check (mall_id <> ${poisoned.mallId} or group_no <> 2)`,
    );
    const flags = [
      '--malls',
      malls.map(({ mallId }) => mallId).join(','),
      '--start',
      DAY.startDate,
      '--end',
      DAY.endDate,
    ];
    const environment = { ...pipeline.environment, MALLSYNC_LOG_LEVEL: 'trace' };
    const { exitCode, stdout, stderr } = await runProgram(['run', ...flags], environment);
    await db.query('alter table mallsync.tb_member drop constraint refuse');
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/COMPLETED_WITH_REJECTS/);
    expect(stderr.split('\n').length).toBeGreaterThan(10);
    const said = stdout + stderr;
    const secrets = await listSecrets(malls);
    expect(secrets.length).toBeGreaterThan(10);
    expect(secrets.filter((secret) => said.includes(secret))).toEqual([]);
    const members = await readApiRows(pipeline, poisoned, 'MEMBER');
    const personal = listValues(members, [
      'member_id',
      'email',
      'cellphone',
      'name',
      'address1',
      'refund_bank_account_no',
    ]);
    expect(personal.length).toBeGreaterThan(200);
    expect(personal.filter((value) => said.includes(value))).toEqual([]);
    expect(said).not.toMatch(/12,34x|nul\\u0000inside|x{101}|2025-02-3/);
  },
);

async function listSecrets(malls: readonly PipelineMall[]): Promise<readonly string[]> {
  const { pool } = await db.open();
  const store = createTokenStore({ pool, cipher: createCipher(parseKeyRing(pipeline.encryptionKeys)) });
  const credentials = await Promise.all(malls.map(({ mallId }) => store.load(mallId)));
  const [, key = ''] = pipeline.encryptionKeys.split(':');
  const first = malls.map(({ mallId }) => `first token of ${mallId}`);
  const password = new URL(db.url).password;
  return [
    key,
    ...(password.length > 3 ? [password] : []),
    ...first,
    ...credentials.flatMap((one) => [one.clientSecret, one.accessToken, one.refreshToken]),
    ...credentials.map((one) => btoa(`${one.clientId}:${one.clientSecret}`)),
  ].filter((secret) => secret !== null);
}
