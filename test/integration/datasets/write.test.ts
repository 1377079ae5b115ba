import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inTransaction } from '../../../src/adapters/postgres/page-session.ts';
import { aMember, type ApiRow } from '../../support/dataset-rows.ts';
import { createDatasetFixture, OBSERVED_AT_MS, readWrittenTuples, type DatasetFixture } from './dataset-fixture.ts';

const LATER = OBSERVED_AT_MS + 60_000;
const EARLIER = OBSERVED_AT_MS - 60_000;
const NOTHING = { inserted: 0, updated: 0, unchanged: 0, stale: 0, refused: [] };

const members = (count: number, changes: ApiRow = {}): readonly ApiRow[] =>
  Array.from({ length: count }, (_, index) => aMember({ member_id: `m${String(index).padStart(4, '0')}`, ...changes }));

describe('writing members', () => {
  let fixture: DatasetFixture;
  beforeAll(async () => {
    fixture = await createDatasetFixture('MEMBER');
  });
  beforeEach(async () => {
    await fixture.test.query('truncate mallsync.tb_member, mallsync.tb_batch_job_instance cascade');
  });
  const readMember = async (memberId: string): Promise<ApiRow | undefined> =>
    (
      await fixture.test.query<ApiRow & Record<string, unknown>>(
        'select * from mallsync.tb_member where member_id = $1',
        [memberId],
      )
    )[0];

  it('stores every value as the API gave it', async () => {
    await fixture.write([aMember({ name: 'tab\there', nick_name: 'back\\slash\nline', state: '👒', new_field: [1] })], {
      mallId: 9_007_199_254,
      executionId: 42,
    });
    expect(await readMember('demo_member_0001')).toMatchObject({
      mall_id: '9007199254',
      shop_no: 1,
      name: 'tab\there',
      nick_name: 'back\\slash\nline',
      state: '👒',
      name_english: '',
      birthday: '1990-02-30',
      solar_calendar: false,
      total_points: '1500.00',
      zipcode: '01234',
      created_date: new Date('2025-03-02T01:15:30Z'),
      last_login_date: null,
      sns_list: ['KAKAO(2024-01-02 03:04:05)'],
      extra: { new_field: [1] },
      observed_at: new Date(OBSERVED_AT_MS),
      first_execution_id: '42',
      changed_execution_id: '42',
      missing_since: null,
    });
  });

  it('counts new, changed, equal and older rows apart', async () => {
    expect(await fixture.write(members(4))).toEqual({ ...NOTHING, inserted: 4 });
    const [first = {}, second = {}, third = {}] = members(3);
    const page = [{ ...first, name: 'changed' }, second, { ...third, name: 'older' }, aMember({ member_id: 'new' })];
    await fixture.write([{ ...third, name: 'newer' }], { observedAtMs: LATER + 1_000 });
    expect(await fixture.write(page, { observedAtMs: LATER, executionId: 2 })).toEqual({
      ...NOTHING,
      inserted: 1,
      updated: 1,
      unchanged: 1,
      stale: 1,
    });
    expect(await readMember('m0000')).toMatchObject({
      name: 'changed',
      first_execution_id: '1',
      changed_execution_id: '2',
    });
    expect(await readMember('m0001')).toMatchObject({
      changed_execution_id: '1',
      observed_at: new Date(OBSERVED_AT_MS),
    });
    expect(await readMember('m0002')).toMatchObject({ name: 'newer' });
  });

  it('does not write a tuple for equal rows', async () => {
    await fixture.write(members(500));
    const before = await readWrittenTuples(fixture.test, 'tb_member');
    const versions = await fixture.test.query('select ctid, xmin, xmax from mallsync.tb_member order by member_id');
    const again = await fixture.write(members(500), { observedAtMs: LATER, executionId: 2 });
    expect(again).toEqual({ ...NOTHING, unchanged: 500 });
    expect(await readWrittenTuples(fixture.test, 'tb_member')).toEqual(before);
    expect(await fixture.test.query('select ctid, xmin, xmax from mallsync.tb_member order by member_id')).toEqual(
      versions,
    );
  });

  it('lets a row of the same second replace the stored one', async () => {
    await fixture.write(members(1));
    expect(await fixture.write(members(1, { name: 'same second' }))).toEqual({ ...NOTHING, updated: 1 });
  });

  it('remembers a later look at an equal row while another run of the mall is live', async () => {
    const mine = await fixture.addExecution();
    await fixture.addExecution('RUNNING');
    await fixture.write(members(1), { executionId: mine });
    expect(await fixture.write(members(1), { executionId: mine, observedAtMs: LATER })).toEqual({
      ...NOTHING,
      unchanged: 1,
    });
    const heldBack = await fixture.write(members(1, { name: 'held back' }), { observedAtMs: LATER - 1_000 });
    expect(heldBack).toEqual({ ...NOTHING, stale: 1 });
    expect(await readMember('m0000')).toMatchObject({ name: 'Sample Person', changed_execution_id: String(mine) });
  });

  it('stores an unknown field of an unchanged row, and keeps it where the field was not asked for', async () => {
    await fixture.write(members(2));
    const [first = {}, second = {}] = members(2);
    const whole = await fixture.write([{ ...first, tier: 3 }, second], { observedAtMs: LATER });
    expect(whole).toEqual({ ...NOTHING, updated: 1, unchanged: 1 });
    expect(await fixture.write([{ ...first, tier: 3 }], { observedAtMs: LATER })).toEqual({ ...NOTHING, unchanged: 1 });
    await fixture.write([{ ...first, name: 'changed' }], { observedAtMs: LATER + 1_000 });
    expect(await readMember('m0000')).toMatchObject({ name: 'changed', extra: { tier: 3 } });
  });

  it('writes other shops and malls beside each other', async () => {
    await fixture.write([aMember(), aMember({ shop_no: 2 })]);
    expect(await fixture.write([aMember()], { mallId: 2 })).toEqual({ ...NOTHING, inserted: 1 });
    expect(await fixture.test.query('select count(*)::int as count from mallsync.tb_member')).toEqual([{ count: 3 }]);
  });

  it('writes nothing for no rows', async () => {
    expect(await fixture.write([])).toEqual(NOTHING);
  });

  it('notices stored rows behind pages of new ones', async () => {
    const [first = {}, second = {}, third = {}, fourth = {}] = members(4);
    await fixture.write([second]);
    expect(await fixture.write([first])).toEqual({ ...NOTHING, inserted: 1 });
    expect(await fixture.write([{ ...second, name: 'changed' }, third])).toEqual({
      ...NOTHING,
      inserted: 1,
      updated: 1,
    });
    expect(await fixture.write([third, fourth])).toEqual({ ...NOTHING, inserted: 1, unchanged: 1 });
    expect(await fixture.write([fourth])).toEqual({ ...NOTHING, unchanged: 1 });
  });

  it('leaves the transaction usable, and all of it undone when it is rolled back', async () => {
    await fixture.write(members(1));
    const undo = inTransaction(fixture.database, async (client) => {
      await fixture.writeOn(client, members(3, { name: 'undone' }), { observedAtMs: LATER });
      await client.query('select 1');
      throw new Error('undo');
    });
    await expect(undo).rejects.toThrow('undo');
    expect(await fixture.test.query('select member_id, name from mallsync.tb_member')).toEqual([
      { member_id: 'm0000', name: 'Sample Person' },
    ]);
  });

  it('writes several pages in one transaction, changes on top of changes', async () => {
    await fixture.write(members(3));
    const counts = await inTransaction(fixture.database, async (client) => [
      await fixture.writeOn(client, members(3, { name: 'second' }), { observedAtMs: LATER }),
      await fixture.writeOn(client, members(4, { name: 'third' }), { observedAtMs: LATER + 1_000 }),
    ]);
    expect(counts).toEqual([
      { ...NOTHING, updated: 3 },
      { ...NOTHING, updated: 3, inserted: 1 },
    ]);
    expect(await readMember('m0002')).toMatchObject({ name: 'third' });
  });

  it('does not let an older page bring back what it cannot see', async () => {
    await fixture.write(members(2), { observedAtMs: LATER });
    expect(await fixture.write(members(2, { name: 'old' }), { observedAtMs: EARLIER })).toEqual({
      ...NOTHING,
      stale: 2,
    });
    expect(await fixture.write(members(2), { observedAtMs: EARLIER })).toEqual({ ...NOTHING, unchanged: 2 });
  });
});
