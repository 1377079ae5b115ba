import { TerminalError } from '../../../domain/errors.ts';

/** Where the next page of malls begins: opaque to whoever keeps it. */
export function toMallCursor(mallId: number): string {
  return Buffer.from(`m${mallId}`).toString('base64url');
}

/** @throws TerminalError ConfigInvalid naming `cursor` for a text that `toMallCursor` did not make */
export function parseMallCursor(cursor: string): number {
  const match = /^m([1-9]\d{0,14})$/.exec(Buffer.from(cursor, 'base64url').toString());
  const mallId = Number(match?.[1]);
  if (match === null || toMallCursor(mallId) !== cursor) {
    throw new TerminalError('ConfigInvalid', 'cursor is none that a page of malls gave');
  }
  return mallId;
}
