import { describe, expect, it } from 'vitest';
import type { ReasonCode } from '../../domain/row-error.ts';
import { CopyBuffer } from './copy-buffer.ts';
import { createCellWriter } from './copy-cell.ts';
import type { ColumnType } from './table.ts';

/** The field's COPY text, or the reason why there is none. */
function write(type: ColumnType, value: unknown, maxLength?: number): string {
  const buffer = new CopyBuffer();
  const fault: ReasonCode | undefined = createCellWriter(type, maxLength)(buffer, value);
  return fault ?? new TextDecoder().decode(buffer.end());
}

const NULL = String.raw`\N`;

describe('createCellWriter', () => {
  it.each<[ColumnType, unknown, string]>([
    ['text', 'Sample Mug', 'Sample Mug'],
    ['text', '', ''],
    ['text', NULL, String.raw`\\N`],
    ['text', 'a\tb\nc\\d', String.raw`a\tb\nc\\d`],
    ['text', 1234, '1234'],
    ['text', 'nul\0', 'BAD_TEXT'],
    ['text', { unexpected: 'object' }, 'WRONG_TYPE'],
    ['text', true, 'WRONG_TYPE'],
    ['integer', 7, '7'],
    ['integer', '0007', '7'],
    ['integer', '', NULL],
    ['integer', 7.5, 'BAD_NUMBER'],
    ['integer', 3_000_000_000, 'BAD_NUMBER'],
    ['bigint', 3_000_000_000, '3000000000'],
    ['bigint', '1e3', 'BAD_NUMBER'],
    ['numeric', '27000', '27000'],
    ['numeric', '30000.00', '30000.00'],
    ['numeric', '-0.0001', '-0.0001'],
    ['numeric', 0, '0'],
    ['numeric', 12.5, '12.5'],
    ['numeric', '', NULL],
    ['numeric', '12,34x', 'BAD_NUMBER'],
    ['numeric', '1,000.00', 'BAD_NUMBER'],
    ['numeric', '.5', 'BAD_NUMBER'],
    ['numeric', '5.', 'BAD_NUMBER'],
    ['numeric', '-', 'BAD_NUMBER'],
    ['numeric', 'NaN', 'BAD_NUMBER'],
    ['numeric', 1e21, 'BAD_NUMBER'],
    ['numeric', '9'.repeat(65), 'BAD_NUMBER'],
    ['numeric', ['1'], 'WRONG_TYPE'],
    ['boolean', 'T', 't'],
    ['boolean', 'F', 'f'],
    ['boolean', '', NULL],
    ['boolean', 'M', 'BAD_BOOLEAN'],
    ['boolean', {}, 'WRONG_TYPE'],
    ['date', '2025-03-02', '2025-03-02'],
    ['date', '0000-00-00', NULL],
    ['date', '2025-03-02 10:00:00', 'BAD_DATE'],
    ['date', 20250302, 'WRONG_TYPE'],
    ['instant', '2025-03-02 11:21:35', '2025-03-02 11:21:35+09:00'],
    ['instant', '2025-03-02T11:21:35+09:00', '2025-03-02T11:21:35+09:00'],
    ['instant', '2025-03-02', '2025-03-02+09:00'],
    ['instant', '', NULL],
    ['instant', '0000-00-00 00:00:00', NULL],
    ['instant', '2025-02-30T00:00:00+09:00', 'BAD_DATE'],
    ['instant', 1740882095, 'WRONG_TYPE'],
    ['strings', [], '{}'],
    ['strings', ['card', 'point'], '{"card","point"}'],
    ['strings', ['a"b\\c', 'd,e', null, 7], String.raw`{"a\\"b\\\\c","d,e",NULL,7}`],
    ['strings', 'card', '{"card"}'],
    ['strings', '', NULL],
    ['strings', [['nested']], 'WRONG_TYPE'],
    ['strings', ['nul\0'], 'BAD_TEXT'],
    ['json', [], '[]'],
    ['json', { a: '한\n' }, String.raw`{"a":"한\\n"}`],
    ['json', { a: 'nul\0' }, 'BAD_TEXT'],
    ['json', ['\ud83e'], 'BAD_TEXT'],
    ['json', String.raw`not a NUL: \u0000`, String.raw`"not a NUL: \\\\u0000"`],
    ['json', { refund_bank_account_no: '110', kept: [{ refund_bank_code: '04', also: 1 }] }, '{"kept":[{"also":1}]}'],
  ])('writes %s %j as %s', (type, value, text) => {
    expect(write(type, value)).toBe(text);
  });

  it.each<ColumnType>(['text', 'integer', 'bigint', 'numeric', 'boolean', 'date', 'instant', 'strings', 'json'])(
    'writes what is absent as null in a column of type %s',
    (type) => {
      expect([write(type, null), write(type, undefined)]).toEqual([NULL, NULL]);
    },
  );

  it('measures length in characters, as the API documents it', () => {
    expect(write('text', '👒'.repeat(50), 50)).toBe('👒'.repeat(50));
    expect(write('text', '👒'.repeat(51), 50)).toBe('TOO_LONG');
  });
});
