import { describe, expect, it } from 'vitest';
import { findLeaks, guardPersonal, guardSecrets, PERSONAL_FIELDS } from './log-leaks.ts';

const ROW = {
  member_id: 'u261101010000001',
  name: '김하은',
  name_english: "O'Neil Jun",
  email: 'u261101010000001@mail.example.org',
  cellphone: '010-2929-4206',
  birthday: '1974-09-14',
  nick_name: 'tab\there',
  address1: '부산광역시 해운대구 센텀중앙로 265',
  sns_list: ['friend-of-kim'],
  additional_information: [{ key: 'shoe', value: 'size 270' }],
  refund_bank_account_no: '110971614346',
  gender: 'M',
  zipcode: '05511',
  total_points: '7928.00',
  created_date: '2026-11-01T01:39:44+09:00',
};
const personal = guardPersonal([ROW]);
const found = (text: string) => findLeaks(new Map([['serve', text]]), personal).map(({ what }) => what);

describe('what is personal', () => {
  it('is what the tables say, what they refuse to hold, and the member’s id', () => {
    expect(personal.map(({ what }) => what).toSorted()).toEqual(
      Object.keys(ROW)
        .filter((name) => !['gender', 'zipcode', 'total_points', 'created_date'].includes(name))
        .concat('additional_information')
        .toSorted(),
    );
    expect(PERSONAL_FIELDS.size).toBeGreaterThan(30);
  });
});

describe('a leak is found', () => {
  it.each([
    ['as it is', `{"msg":"refused","error":{"message":"no ${ROW.email} here"}}`, ['member_id', 'email']],
    ['beside other letters than those of a word', `row=(1,${ROW.member_id},x)`, ['member_id']],
    ['escaped in JSON', JSON.stringify({ msg: 'refused', row: { inner: `"${ROW.nick_name}"` } }), ['nick_name']],
    ['as JSON inside of JSON', JSON.stringify({ body: JSON.stringify({ name: ROW.name }) }), ['name']],
    ['in an address', `GET /malls?search=${encodeURIComponent(ROW.name_english)}`, ['name_english']],
    ['in an address as a form has it', `path=/x?q=O%27Neil+Jun&p=1`, ['name_english']],
    ['in a line that is no JSON', `Error: duplicate ${ROW.cellphone}\n    at x`, ['cellphone']],
    ['in a list', `{"fields":["a","${ROW.sns_list[0]}"]}`, ['sns_list']],
  ])('%s', (_, text, what) => {
    expect(found(text)).toEqual(what);
  });

  it('a secret also in the middle of a word', () => {
    const secrets = guardSecrets('token', ['s3cretT0ken']);
    const leaks = findLeaks(new Map([['run', 'xs3cretT0keny']]), secrets);
    expect(leaks).toMatchObject([
      { said: 'run', what: 'token', value: 's3cretT0ken', around: expect.stringContaining('xs3cretT0keny') },
    ]);
  });
});

describe('no leak is', () => {
  it.each([
    ['an id that another one begins with', `{"key":"${ROW.member_id}99"}`],
    ['the count of points', `{"rows":7928}`],
    ['a time of the log', `{"time":"2026-11-01T01:39:44.000Z"}`],
  ])('%s', (_, text) => {
    expect(found(text)).toEqual([]);
  });
});

it('refuses a secret that is too short to prove anything', () => {
  expect(() => guardSecrets('password', ['kim'])).toThrow('proves nothing');
});
