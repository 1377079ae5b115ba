import { describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from './test-app.ts';

const DAY = 'start_date=2025-12-01&end_date=2025-12-01';
const PERIOD = { startDate: '2025-12-01T00:00:00', endDate: '2025-12-01T23:59:59' };
const MEMBER = { domainType: 'MEMBER' as const };

async function readIds(app: TestApp, pageSize = 100): Promise<string[]> {
  const ids: string[] = [];
  for (let offset = 0; ; offset += pageSize) {
    const rows = await app.getRows(`customersprivacy?${DAY}&limit=${pageSize}&offset=${offset}`);
    ids.push(...rows.map((row) => String(row['member_id'])));
    if (rows.length < pageSize) return ids;
  }
}

async function readCount(app: TestApp): Promise<unknown> {
  return (await app.get(`customersprivacy/count?${DAY}`)).body?.['count'];
}

describe('rows changed at run time', () => {
  it('adds rows at their second, overfull ones too', async () => {
    await using app = await openTestApp({ membersPerDay: 250 });
    const at = '2025-12-01T12:34:56';
    const keys = app.control.editRows('alpha', { op: 'add', ...MEMBER, at, count: 1500 });
    expect(new Set(keys).size).toBe(1500);
    const { body } = await app.get(`customersprivacy/count?start_date=${at}&end_date=${at}`);
    expect(Number(body?.['count'])).toBeGreaterThanOrEqual(1500);
    expect(await readCount(app)).toBe(1750);
    expect(new Set(await readIds(app, 1000)).size).toBe(1750);
    expect((await app.control.readTruth('alpha', { ...MEMBER, ...PERIOD })).count).toBe(1750);
  });

  it('removes rows from pages, count and truth', async () => {
    await using app = await openTestApp({ membersPerDay: 250 });
    const [gone] = app.control.editRows('alpha', { op: 'remove', ...MEMBER, ...PERIOD, count: 1 });
    expect(await readCount(app)).toBe(249);
    expect(await readIds(app)).not.toContain(gone);
    expect((await app.get(`customersprivacy/${gone}`)).status).toBe(404);
    expect((await app.control.readTruth('alpha', { ...MEMBER, ...PERIOD })).count).toBe(249);
  });

  it('hides a row that is still counted, until its day is healed', async () => {
    await using app = await openTestApp({ membersPerDay: 250 });
    const [hidden] = app.control.editRows('alpha', { op: 'hide', ...MEMBER, ...PERIOD, count: 1 });
    expect(await readCount(app)).toBe(250);
    const ids = await readIds(app);
    expect(ids).toHaveLength(249);
    expect(ids).not.toContain(hidden);
    app.control.editRows('alpha', { op: 'heal', ...MEMBER, ...PERIOD });
    expect(await readIds(app)).toContain(hidden);
  });

  it('changes rows, by one or by fields, and the truth with them', async () => {
    await using app = await openTestApp({ membersPerDay: 50, ordersPerDay: 50 });
    const before = await app.control.readTruth('alpha', { ...MEMBER, ...PERIOD });
    const [first] = await app.getRows(`customersprivacy?${DAY}&limit=1`);
    const key = String(first?.['member_id']);
    app.control.editRows('alpha', { op: 'change', ...MEMBER, keys: [key] });
    const [raised] = await app.getRows(`customersprivacy?${DAY}&limit=1`);
    expect(Number(raised?.['total_points'])).toBe(Number(first?.['total_points']) + 1);
    app.control.editRows('alpha', { op: 'change', ...MEMBER, keys: [key], fields: { email: 'new@example.com' } });
    const [renamed] = await app.getRows(`customersprivacy?${DAY}&limit=1`);
    expect(renamed).toEqual({ ...raised, email: 'new@example.com' });
    const after = await app.control.readTruth('alpha', { ...MEMBER, ...PERIOD });
    expect([after.count, after.checksum === before.checksum]).toEqual([50, false]);
  });

  it('repeats a row beside itself or at the end, without counting it twice', async () => {
    await using app = await openTestApp({ membersPerDay: 250 });
    const [near, far] = await readIds(app);
    app.control.editRows('alpha', { op: 'repeat', ...MEMBER, keys: [String(near)], where: 'duplicate-in-page' });
    app.control.editRows('alpha', { op: 'repeat', ...MEMBER, keys: [String(far)], where: 'duplicate-across-pages' });
    const ids = await readIds(app);
    expect(ids).toHaveLength(252);
    expect(ids.slice(0, 3)).toEqual([near, near, far]);
    expect(ids.at(-1)).toBe(far);
    expect(await readCount(app)).toBe(250);
    const truth = await app.control.readTruth('alpha', { ...MEMBER, ...PERIOD });
    expect(truth.count).toBe(250);
    expect(truth.repeats.map(({ key, kind }) => [key, kind])).toEqual([
      [near, 'duplicate-in-page'],
      [far, 'duplicate-across-pages'],
    ]);
  });
});

describe('an edit that waits', () => {
  it('puts rows before the offset between two pages, so that a row comes twice', async () => {
    await using app = await openTestApp({ membersPerDay: 250 });
    const after = { endpoint: 'customersprivacy', calls: 1 } as const;
    app.control.editRows('alpha', { op: 'add', ...MEMBER, at: PERIOD.startDate, count: 3, after });
    const ids = await readIds(app);
    expect(ids).toHaveLength(253);
    expect(new Set(ids).size).toBe(250);
  });

  it('takes rows from before the offset between two pages, so that rows are missed', async () => {
    await using app = await openTestApp({ membersPerDay: 250 });
    const all = await readIds(app);
    const after = { endpoint: 'customersprivacy', calls: 1 } as const;
    app.control.editRows('alpha', { op: 'remove', ...MEMBER, ...PERIOD, count: 2, after });
    const ids = await readIds(app);
    expect(all.filter((id) => !ids.includes(id))).toEqual(all.slice(100, 102));
  });
});

describe('the order and size of pages', () => {
  it('turns round on demand', async () => {
    await using app = await openTestApp({ membersPerDay: 120 });
    const up = await readIds(app);
    app.control.changeBehaviour('alpha', { order: { members: 'desc' } });
    expect(await readIds(app)).toEqual(up.toReversed());
  });

  it('is capped below the limit on demand', async () => {
    await using app = await openTestApp({ membersPerDay: 120, behaviour: { limitCap: { members: 50, orders: 20 } } });
    expect(await app.getRows(`customersprivacy?${DAY}&limit=100`)).toHaveLength(50);
    expect(await app.getRows(`orders?${DAY}&limit=100`)).toHaveLength(20);
  });
});

describe('poisoned rows', () => {
  const kinds = ['bad-date', 'nul-character', 'too-long', 'wrong-type', 'missing-key', 'bad-amount'] as const;

  it('are spoilt by generation in every kind, and the truth names them', async () => {
    const plan = { perDay: kinds.length, kinds: [...kinds] };
    await using app = await openTestApp({
      membersPerDay: 300,
      ordersPerDay: 300,
      poison: { members: plan, orders: plan },
    });
    for (const [domainType, path] of [
      ['MEMBER', 'customersprivacy'],
      ['ORDER', 'orders'],
    ] as const) {
      const truth = await app.control.readTruth('alpha', { domainType, ...PERIOD });
      expect(truth.count).toBe(294);
      expect(truth.poison.map(({ kind }) => kind).toSorted()).toEqual(kinds.toSorted());
      const rows = await app.getRows(`${path}?${DAY}&limit=1000`);
      expect(rows).toHaveLength(300);
      expect(rows.filter((row) => JSON.stringify(row).includes('\\u0000'))).toHaveLength(1);
      expect(rows.filter((row) => !('member_id' in row && ('order_id' in row || path !== 'orders')))).toHaveLength(1);
    }
  });

  it('come and go by order', async () => {
    await using app = await openTestApp({ membersPerDay: 50 });
    const [key] = app.control.editRows('alpha', { op: 'poison', ...MEMBER, ...PERIOD, count: 1, kind: 'bad-amount' });
    const [bad] = await app.getRows(`customersprivacy?${DAY}&limit=1`);
    expect([bad?.['member_id'], bad?.['total_points']]).toEqual([key, '12,34x']);
    expect((await app.control.readTruth('alpha', { ...MEMBER, ...PERIOD })).count).toBe(49);
    app.control.editRows('alpha', { op: 'heal', ...MEMBER, keys: [String(key)] });
    expect((await app.control.readTruth('alpha', { ...MEMBER, ...PERIOD })).count).toBe(50);
  });

  it('repeat by generation until they are healed', async () => {
    await using app = await openTestApp({
      membersPerDay: 50,
      poison: { members: { perDay: 1, kinds: ['duplicate-across-pages'] } },
    });
    expect(await readIds(app)).toHaveLength(51);
    const { repeats } = await app.control.readTruth('alpha', { ...MEMBER, ...PERIOD });
    app.control.editRows('alpha', { op: 'heal', ...MEMBER, keys: repeats.map(({ key }) => key) });
    expect(await readIds(app)).toHaveLength(50);
  });
});
