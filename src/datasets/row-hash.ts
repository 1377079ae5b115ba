import xxhash from 'xxhash-wasm';
import type { HashBytes } from '../adapters/postgres/copy-encoder.ts';

/** xxHash64 with seed 0. Its values are stored, so it cannot be changed without reading everything again. */
export interface RowHash {
  readonly hashBytes: HashBytes;
  readonly hashText: (text: string) => bigint;
}

let loaded: Promise<RowHash> | undefined;

export function loadRowHash(): Promise<RowHash> {
  loaded ??= xxhash().then((hasher) => ({
    hashBytes: (bytes) => hasher.h64Raw(bytes),
    hashText: (text) => hasher.h64(text),
  }));
  return loaded;
}
