import { describe, expect, it } from 'vitest';
import { parseMallImports } from './mall-import.ts';

function faultsOf(content: unknown): string {
  try {
    parseMallImports(content);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

describe('mall import file', () => {
  it('reads a list of malls', () => {
    expect(
      parseMallImports([{ mallId: 1, cafe24MallId: 'shop', shopNos: [2, 2, 1], clientId: 'c', clientSecret: 's' }]),
    ).toEqual([
      {
        mallId: 1,
        cafe24MallId: 'shop',
        name: undefined,
        active: undefined,
        domainTypes: undefined,
        shopNos: [2, 1],
        labels: undefined,
        settings: undefined,
        client: { clientId: 'c', clientSecret: 's' },
        refreshToken: undefined,
      },
    ]);
  });

  it('takes a refresh token of null for none', () => {
    const client = { clientId: 'c', clientSecret: 's' };
    expect(parseMallImports([{ mallId: 1, cafe24MallId: 'shop', ...client, refreshToken: null }])).toMatchObject([
      { client, refreshToken: undefined },
    ]);
  });

  it.each([
    [{}, 'must be a list of malls'],
    [[], 'must be a list of malls'],
    [[{ mallId: 0, cafe24MallId: 'shop' }], 'entry 1: mallId'],
    [[{ mallId: 1.5, cafe24MallId: 'shop' }], 'entry 1: mallId'],
    [[{ mallId: 1, cafe24MallId: 'Shop!' }], 'entry 1: cafe24MallId'],
    [[{ mallId: 1, cafe24MallId: 'shop', domainTypes: ['REVIEW'] }], 'entry 1: domainTypes.0'],
    [[{ mallId: 1, cafe24MallId: 'shop', shopNos: [] }], 'entry 1: shopNos'],
    [[{ mallId: 1, cafe24MallId: 'shop', activ: true }], 'activ'],
    [[{ mallId: 1, cafe24MallId: 'shop', name: 'a\0b' }], 'entry 1: name: must be plain text'],
    [[{ mallId: 1, cafe24MallId: 'shop', name: '\ud800' }], 'entry 1: name: must be plain text'],
    [[{ mallId: 1, cafe24MallId: 'shop', clientId: 'c' }], 'entry 1: clientSecret'],
    [[{ mallId: 1, cafe24MallId: 'shop', refreshToken: 't' }], 'entry 1: refreshToken'],
    [
      [
        { mallId: 1, cafe24MallId: 'a1' },
        { mallId: 1, cafe24MallId: 'b1' },
      ],
      'entry 2: mallId: repeats entry 1',
    ],
    [
      [
        { mallId: 1, cafe24MallId: 'a1' },
        { mallId: 2, cafe24MallId: 'a1' },
      ],
      'entry 2: cafe24MallId: repeats entry 1',
    ],
  ])('names the entry and the field at fault (%#)', (content, fault) => {
    expect(faultsOf(content)).toContain(fault);
  });

  it('names all faults together and shows no value', () => {
    const message = faultsOf([
      { mallId: -1, cafe24MallId: 'shop', clientSecret: 'very secret' },
      { mallId: 2, cafe24MallId: 'UPPER', refreshToken: 7 },
    ]);
    expect(message).toMatch(/entry 1: mallId.*entry 2: cafe24MallId.*entry 2: refreshToken/s);
    expect(message).not.toContain('very secret');
  });
});
