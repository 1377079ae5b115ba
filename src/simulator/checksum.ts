import { hash } from 'node:crypto';

/** Sums the first 60 bits of each text's MD5; the order of the texts does not matter. */
export interface ChecksumSum {
  add(text: string): void;
  read(): bigint;
}

const LOW_BASE = 2n ** 32n;
const FLUSH_ROWS = 1_000_000;

export function createChecksumSum(): ChecksumSum {
  let total = 0n;
  let high = 0;
  let low = 0;
  let rows = 0;

  function flush(): void {
    total += BigInt(high) * LOW_BASE + BigInt(low);
    high = 0;
    low = 0;
    rows = 0;
  }

  return {
    add(text) {
      const digits = hash('md5', text);
      high += Number.parseInt(digits.slice(0, 7), 16);
      low += Number.parseInt(digits.slice(7, 15), 16);
      if (++rows >= FLUSH_ROWS) flush();
    },
    read() {
      flush();
      return total;
    },
  };
}
