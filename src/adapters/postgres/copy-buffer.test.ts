import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CopyBuffer } from './copy-buffer.ts';

const LETTERS: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', '\\': '\\' };

/** What PostgreSQL makes of a COPY text field. */
function readField(bytes: Uint8Array): string {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  return text.replaceAll(/\\(.)/gs, (_, letter: string) => LETTERS[letter] ?? letter);
}

describe('CopyBuffer', () => {
  it('writes any well-formed text so that PostgreSQL reads it back', () => {
    const buffer = new CopyBuffer();
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        buffer.begin();
        const isStorable = text.isWellFormed() && !text.includes('\0');
        expect(buffer.addText(text)).toBe(isStorable);
        if (!isStorable) return;
        const line = buffer.end();
        expect(readField(line)).toBe(text);
        expect(line.includes(9) || line.includes(10) || line.includes(13)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses half of a surrogate pair wherever it stands', () => {
    const buffer = new CopyBuffer();
    expect(['\ud83e', 'a\udd64', '\ud83e\ud83e\udd64'].map((text) => buffer.addText(text))).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('keeps finished lines when later ones need new memory', () => {
    const buffer = new CopyBuffer();
    const lines = Array.from({ length: 300 }, (_, index) => {
      buffer.begin();
      buffer.addText(String(index).repeat(3_000));
      return buffer.end();
    });
    expect(lines.map((line) => readField(line).slice(0, 9))).toEqual(
      Array.from({ length: 300 }, (_, index) => String(index).repeat(3_000).slice(0, 9)),
    );
  });

  it('forgets a line that was begun and not finished', () => {
    const buffer = new CopyBuffer();
    buffer.begin();
    buffer.addText('lost');
    buffer.begin();
    buffer.addText('kept');
    buffer.addTab();
    buffer.addNull();
    expect(new TextDecoder().decode(buffer.end())).toBe('kept\t\\N');
  });
});
