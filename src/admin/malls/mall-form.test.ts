import { expect, it } from 'vitest';
import { MallImportError } from '../../adapters/postgres/mall-import-fault.ts';
import { parseMallImports } from '../../adapters/postgres/mall-import.ts';
import { toFieldName } from './fault-text.ts';
import { readMallForm, toImportEntry, toMallForm, type FormBody } from './mall-form.ts';

const TYPED = { mallId: '7', cafe24MallId: 'rosemall', domainTypes: ['ORDER', 'SALES'] };

function parse(body: FormBody): unknown {
  return parseMallImports([toImportEntry(readMallForm(body), body)])[0];
}

function faultsOf(body: FormBody): readonly string[] {
  try {
    parse(body);
  } catch (error) {
    if (error instanceof MallImportError) return error.faults.map(toFieldName);
    throw error;
  }
  return [];
}

it('reads what was typed as an entry of a list to import', () => {
  const body = { ...TYPED, shopNos: '2, 1', labels: 'tier=gold\r\nnote=a=b, c', clientId: 'c', clientSecret: ' s ' };
  expect(parse(body)).toEqual({
    mallId: 7,
    cafe24MallId: 'rosemall',
    name: undefined,
    active: undefined,
    domainTypes: ['ORDER', 'SALES'],
    shopNos: [2, 1],
    labels: { tier: 'gold', note: 'a=b, c' },
    settings: undefined,
    client: { clientId: 'c', clientSecret: 's' },
    refreshToken: undefined,
  });
});

it('takes blank shops for all and blank labels for none', () => {
  expect(parse({ ...TYPED, shopNos: '', labels: '' })).toMatchObject({ shopNos: null, labels: {} });
});

it.each([
  [{ ...TYPED, mallId: 'seven' }, 'mallId'],
  [{ ...TYPED, mallId: '' }, 'mallId'],
  [{ ...TYPED, cafe24MallId: 'Rose Mall' }, 'cafe24MallId'],
  [{ ...TYPED, domainTypes: [] }, 'domainTypes'],
  [{ ...TYPED, domainTypes: 'REVIEW' }, 'domainTypes'],
  [{ ...TYPED, shopNos: '1, two' }, 'shopNos'],
  [{ ...TYPED, labels: 'gold' }, 'labels'],
  [{ ...TYPED, labels: '=gold' }, 'labels'],
  [{ ...TYPED, clientId: 'c' }, 'clientSecret'],
  [{ ...TYPED, refreshToken: 't' }, 'refreshToken'],
])('names the field of %o', (body, field) => {
  expect(faultsOf(body)).toEqual([field]);
});

it('fills the form with what is stored, and no secret', () => {
  const form = toMallForm({
    mallId: 7,
    cafe24MallId: 'rosemall',
    name: 'Rose',
    active: true,
    domainTypes: ['ORDER'],
    shopNos: [1, 3],
    labels: { tier: 'gold' },
    settings: {},
    credential: {
      clientId: 'secret client',
      state: 'ACTIVE',
      generation: 1,
      hasRefreshToken: true,
      refreshExpiresAtMs: null,
      lastRefreshedAtMs: null,
    },
  });
  expect(form).toMatchObject({ mallId: '7', shopNos: '1, 3', labels: 'tier=gold', clientId: '', isKnown: true });
});
