/** A buffer of exactly the size asked for, to be given back once it is sent. */
export interface PageLoan {
  readonly page: Buffer;
  readonly giveBack: () => void;
}

const MOST_KEPT = 16;
const LARGEST_KEPT_BYTES = 16 * 2 ** 20;

/** Fresh memory costs more than filling it, so the buffers of pages already sent are used again. */
const kept: Buffer[] = [];

export function lendPage(size: number): PageLoan {
  const fitting = kept.findIndex((buffer) => buffer.length >= size);
  const [reused] = fitting < 0 ? [] : kept.splice(fitting, 1);
  const memory = reused ?? Buffer.allocUnsafeSlow(Math.ceil((size * 1.1) / 4096) * 4096);
  let isLent = true;
  return {
    page: memory.subarray(0, size),
    giveBack: () => {
      if (!isLent) return;
      isLent = false;
      if (memory.length > LARGEST_KEPT_BYTES) return;
      if (kept.length >= MOST_KEPT) kept.shift();
      kept.push(memory);
    },
  };
}
