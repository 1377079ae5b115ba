import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from './test-app.ts';

const DAY = 'date_type=join&start_date=2025-12-01%2000:00:00&end_date=2025-12-01%2023:59:59';

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp({
    membersPerDay: 3000,
    shops: [
      { shopNo: 1, share: 2 },
      { shopNo: 2, share: 1 },
    ],
  });
});
afterAll(() => app[Symbol.asyncDispose]());

function toIds(rows: readonly Record<string, unknown>[]): unknown[] {
  return rows.map((row) => row['member_id']);
}

describe('the list of members', () => {
  it('gives each member of a day once over its pages, as many as the count says', async () => {
    const pages = [0, 700, 1400].map((offset) => app.getRows(`customersprivacy?${DAY}&limit=700&offset=${offset}`));
    const rows = (await Promise.all(pages)).flat();
    const { body } = await app.get(`customersprivacy/count?${DAY}`);
    expect(body).toEqual({ count: 2000 });
    expect(rows).toHaveLength(2000);
    expect(new Set(toIds(rows)).size).toBe(2000);
    const joined = rows.map((row) => String(row['created_date']));
    expect(joined).toEqual(joined.toSorted());
    expect(joined.every((date) => /^2025-12-01T\d\d:\d\d:\d\d\+09:00$/.test(date))).toBe(true);
  });

  it('includes both ends of a range, to the second', async () => {
    const [first] = await app.getRows(`customersprivacy?${DAY}&limit=1&offset=1000`);
    const second = String(first?.['created_date']).slice(0, 19);
    const rows = await app.getRows(
      `customersprivacy?date_type=join&start_date=${second}&end_date=${second}&limit=1000`,
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every((row) => row['created_date'] === first?.['created_date'])).toBe(true);
  });

  it('takes a bare day as the whole day, and gives 30 rows of shop 1 unless asked otherwise', async () => {
    const rows = await app.getRows('customersprivacy?date_type=join&start_date=2025-12-01&end_date=2025-12-01');
    expect(rows).toHaveLength(30);
    expect(rows[0]?.['shop_no']).toBe(1);
    const { body } = await app.get('customersprivacy/count?shop_no=2&start_date=2025-12-01&end_date=2025-12-01');
    expect(body).toEqual({ count: 1000 });
  });

  it('shares no member id between the shops', async () => {
    const [one, two] = await Promise.all(
      [1, 2].map((shop) => app.getRows(`customersprivacy?${DAY}&shop_no=${shop}&limit=1000`)),
    );
    expect(toIds(one ?? []).filter((id) => toIds(two ?? []).includes(id))).toEqual([]);
  });

  it('knows no member of the future', async () => {
    const { body } = await app.get('customersprivacy/count?start_date=2026-02-01&end_date=2026-02-02');
    const morning = await app.get('customersprivacy/count?start_date=2026-02-01&end_date=2026-02-01%2012:00:00');
    expect(body).toEqual(morning.body);
    expect(Number(body?.['count'])).toBeLessThan(2000);
  });

  it('gives only the fields asked for', async () => {
    const [row] = await app.getRows(`customersprivacy?${DAY}&limit=1&fields=member_id,email`);
    expect(Object.keys(row ?? {})).toEqual(['member_id', 'email']);
  });

  it('gives rows from copied bytes that equal the rows built one by one', async () => {
    const listed = await app.getRows(`customersprivacy?${DAY}&limit=1000`);
    const built: unknown[] = [];
    const period = { startDate: '2025-12-01T00:00:00', endDate: '2025-12-01T23:59:59' };
    for await (const row of app.control.readRows('alpha', { domainType: 'MEMBER', ...period, shopNos: [1] }))
      built.push(row);
    expect(listed).toEqual(built.slice(0, 1000));
  });

  it('finds members by id and shows the details of one', async () => {
    const rows = await app.getRows(`customersprivacy?${DAY}&limit=3`);
    const found = await app.getRows(`customersprivacy?member_id=${toIds(rows).join(',')},nobody`);
    expect(found).toEqual(rows);
    const { body } = await app.get(`customersprivacy/${String(rows[0]?.['member_id'])}`);
    expect(body?.['customersprivacy']).toMatchObject({ ...rows[0], available_credits: '0.00' });
    expect((await app.get('customersprivacy/nobody')).status).toBe(404);
  });

  it('walks members from a date on, oldest first', async () => {
    const walk = 'customersprivacy?search_type=created_date&created_start_date=2025-12-01&limit=1000';
    const rows = await app.getRows(walk);
    expect(rows).toHaveLength(1000);
    expect(rows).toEqual(await app.getRows(`customersprivacy?${DAY}&limit=1000`));
    expect((await app.get(`${walk}&offset=1`)).status).toBe(422);
    expect((await app.get(`${walk}&start_date=2025-12-01`)).status).toBe(422);
  });

  it('looks members up by their last login', async () => {
    const login = 'date_type=login&start_date=2025-12-03&end_date=2025-12-03';
    const rows = await app.getRows(`customersprivacy?${login}&limit=1000`);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every((row) => String(row['last_login_date']).startsWith('2025-12-03T'))).toBe(true);
  });
});

describe('a bad list of members', () => {
  it.each([
    ['limit=1001', '[Limit] should be between 1 and 1000. (parameter.limit)'],
    ['limit=0', '[Limit] should be between 1 and 1000. (parameter.limit)'],
    ['offset=8001', '[Offset] should be between 0 and 8000. (parameter.offset)'],
    ['start_date=2025-12-01', '[End date] is required together with start_date. (parameter.end_date)'],
    ['start_date=2025-12-02&end_date=2025-12-01', '[End date] should not be before start_date. (parameter.end_date)'],
    ['start_date=tomorrow&end_date=2025-12-01', '[Start date] is not a valid date. (parameter.start_date)'],
    ['date_type=order_date', '[Date type] is not a valid value. (parameter.date_type)'],
    ['shop_no=9', '[Shop no] is not a valid value. (parameter.shop_no)'],
    [
      `member_id=${Array.from({ length: 101 }, (_, n) => `m${n}`).join(',')}`,
      '[Member id] should not exceed 100 values. (parameter.member_id)',
    ],
  ])('is refused: %s', async (query, message) => {
    const { status, body } = await app.get(`customersprivacy?${query}`);
    expect(status).toBe(422);
    expect(body).toEqual({ error: { code: 422, message } });
  });

  it('is refused loudly for a parameter that is not simulated', async () => {
    expect((await app.get('customersprivacy?gender=F')).status).toBe(501);
  });

  it('reaches 9,000 rows and no further', async () => {
    expect((await app.get(`customersprivacy?${DAY}&limit=1000&offset=8000`)).status).toBe(200);
  });
});
