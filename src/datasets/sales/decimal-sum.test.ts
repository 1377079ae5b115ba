import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DecimalSum } from './decimal-sum.ts';

function sumOf(values: readonly unknown[]): DecimalSum {
  const sum = new DecimalSum();
  for (const value of values) sum.add(value);
  return sum;
}

it('adds cents exactly, whatever their number and sign', () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt(-(10n ** 14n), 10n ** 14n)), (cents) => {
      const texts = cents.map((value) => {
        const digits = (value < 0n ? -value : value).toString().padStart(3, '0');
        return `${value < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
      });
      const total = cents.reduce((sum, value) => sum + value, 0n);
      expect(
        sumOf(texts)
          .toText()
          ?.replace('.', '')
          .replace(/^-0+(?=\d)/, '-')
          .replace(/^0+(?=\d)/, ''),
      ).toBe(total.toString());
    }),
  );
});

it('takes numbers and amounts without decimals, and keeps up to six decimals', () => {
  expect(sumOf(['27000', 3, '0.0001']).toText()).toBe('27003.0001');
});

it('counts what is absent as nothing', () => {
  expect(sumOf([null, undefined, '']).toText()).toBe('0.00');
});

it('has no text when a part is no decimal, also after a subtraction', () => {
  expect(sumOf(['1.00', 'abc']).toText()).toBeUndefined();
  expect(
    sumOf(['1.00'])
      .subtract(sumOf(['1,000']))
      .toText(),
  ).toBeUndefined();
});

it('subtracts below nothing', () => {
  expect(
    sumOf(['1.00'])
      .subtract(sumOf(['1.50']))
      .toText(),
  ).toBe('-0.50');
});
