import { describe, expect, it } from 'vitest';
import { asRejected, asRow, createMapper } from '../../test/support/dataset-mapping.ts';
import { aMember, anOrder } from '../../test/support/dataset-rows.ts';
import type { WindowBounds } from '../domain/window.ts';
import { memberMapping } from './member/member-mapper.ts';
import { orderMapping } from './order/order-mapper.ts';

describe('a window', () => {
  const bounds = (dateType: string): WindowBounds => ({
    shopNo: 1,
    dateType,
    fromMs: Date.parse('2025-03-02T00:00:00+09:00'),
    untilMs: Date.parse('2025-03-03T00:00:00+09:00'),
  });

  it.each([
    ['join', { created_date: '2025-03-02T23:59:59+09:00' }, 'row'],
    ['join', { created_date: '2025-03-03T00:00:00+09:00' }, 'filtered'],
    ['join', { created_date: '2025-03-01 23:59:59' }, 'filtered'],
    ['join', { created_date: null }, 'row'],
    ['join', { created_date: 'broken' }, 'rejected'],
    ['join', { shop_no: 2 }, 'filtered'],
    ['login', { created_date: '2020-01-01', last_login_date: '2025-03-02 10:00:00' }, 'row'],
    ['login', { last_login_date: '2025-03-05 10:00:00' }, 'filtered'],
  ])('by %s of a member with %j: %s', (dateType, changes, kind) => {
    expect(createMapper(memberMapping).map(aMember(changes), bounds(dateType)).kind).toBe(kind);
  });

  it.each([
    ['pay_date', { payment_date: '2025-03-04T00:00:00+09:00' }, 'filtered'],
    ['pay_date', { order_date: '2025-03-04T00:00:00+09:00' }, 'row'],
    ['shipend_date', { order_date: '2020-03-04T00:00:00+09:00' }, 'row'],
  ])('by %s of an order with %j: %s', (dateType, changes, kind) => {
    expect(createMapper(orderMapping).map(anOrder(changes), bounds(dateType)).kind).toBe(kind);
  });
});

describe('a poisoned row', () => {
  it.each([
    [{ created_date: '2025-02-31T25:61:00+09:00' }, 'BAD_DATE', 'created_date', '1|demo_member_0001'],
    [{ name: 'nul\0inside' }, 'BAD_TEXT', 'name', '1|demo_member_0001'],
    [{ nick_name: 'x'.repeat(400) }, 'TOO_LONG', 'nick_name', '1|demo_member_0001'],
    [{ name: { unexpected: 'object' } }, 'WRONG_TYPE', 'name', '1|demo_member_0001'],
    [{ total_points: '12,34x' }, 'BAD_NUMBER', 'total_points', '1|demo_member_0001'],
    [{ use_mobile_app: 'X' }, 'BAD_BOOLEAN', 'use_mobile_app', '1|demo_member_0001'],
    [{ member_id: undefined }, 'MISSING_KEY', 'member_id', null],
    [{ member_id: '' }, 'MISSING_KEY', 'member_id', null],
    [{ member_id: ['a'] }, 'WRONG_TYPE', 'member_id', null],
    [{ member_id: 'a\0' }, 'BAD_TEXT', 'member_id', null],
    [{ member_id: 'x'.repeat(400) }, 'TOO_LONG', 'member_id', null],
    [{ shop_no: 'one' }, 'BAD_NUMBER', 'shop_no', null],
  ])('with %j is rejected as %s of %s', (changes, reasonCode, field, key) => {
    const raw = aMember(changes);
    const rejected = asRejected(createMapper(memberMapping).map(raw, null));
    expect(rejected).toMatchObject({ key, stage: 'VALIDATE', reasonCode, field });
    expect(JSON.stringify(rejected.maskedPayload)).not.toMatch(/Sample|demo|example\.com|0001/);
  });

  it.each([null, 7, 'text', [aMember()], undefined])('that is %j and no object is rejected', (raw) => {
    expect(asRejected(createMapper(memberMapping).map(raw, null))).toMatchObject({
      reasonCode: 'NOT_AN_OBJECT',
      key: null,
    });
  });

  it('says the same of every row with one fault', () => {
    const mapper = createMapper(memberMapping);
    const messages = ['a', 'b'].map(
      (id) => asRejected(mapper.map(aMember({ member_id: id, name: id.repeat(3) + '\0' }), null)).message,
    );
    expect(new Set(messages)).toEqual(new Set(['name holds a character that PostgreSQL cannot store']));
  });

  it('leaves nothing of itself in the rows after it', () => {
    const mapper = createMapper(memberMapping);
    mapper.map(aMember({ account_reactivation_date: 'broken' }), null);
    const after = asRow(mapper.map(aMember(), null)).payload.row;
    expect(after.line).toEqual(asRow(createMapper(memberMapping).map(aMember(), null)).payload.row.line);
  });
});
