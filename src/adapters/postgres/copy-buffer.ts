const BLOCK_BYTES = 512 * 1024;
const TAB = 9;
const BACKSLASH = 92;
const LETTER_N = 78;

/**
 * Builds COPY text lines in blocks of memory that the finished lines go on sharing. One line is open at a time:
 * `begin`, then fields, then `end`, or `begin` again, which forgets what was open.
 */
export class CopyBuffer {
  #block = new Uint8Array(BLOCK_BYTES);
  #start = 0;
  #at = 0;

  begin(): void {
    this.#at = this.#start;
  }

  /** Bytes in the open line. */
  get length(): number {
    return this.#at - this.#start;
  }

  /** The open line, which is complete now. */
  end(): Uint8Array {
    const line = this.#block.subarray(this.#start, this.#at);
    this.#start = this.#at;
    return line;
  }

  /** The open line as it stands; valid until something is added. */
  view(): Uint8Array {
    return this.#block.subarray(this.#start, this.#at);
  }

  addTab(): void {
    this.#reserve(1);
    this.#block[this.#at++] = TAB;
  }

  addNull(): void {
    this.#reserve(2);
    this.#block[this.#at++] = BACKSLASH;
    this.#block[this.#at++] = LETTER_N;
  }

  /** For ASCII without anything to escape. */
  addAscii(text: string): void {
    this.#reserve(text.length);
    const block = this.#block;
    let at = this.#at;
    for (let i = 0; i < text.length; i++) block[at++] = text.charCodeAt(i);
    this.#at = at;
  }

  /** @returns false when PostgreSQL could not store the text: it holds a NUL, or half of a surrogate pair. */
  addText(text: string): boolean {
    this.#reserve(text.length * 3);
    const block = this.#block;
    let at = this.#at;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit < 0x80) {
        const escape = unit < 14 || unit === BACKSLASH ? toEscape(unit) : 0;
        if (escape < 0) return false;
        if (escape > 0) block[at++] = BACKSLASH;
        block[at++] = escape > 0 ? escape : unit;
      } else if (unit < 0x800) {
        block[at++] = 0xc0 | (unit >> 6);
        block[at++] = 0x80 | (unit & 0x3f);
      } else if (unit < 0xd800 || unit > 0xdfff) {
        block[at++] = 0xe0 | (unit >> 12);
        block[at++] = 0x80 | ((unit >> 6) & 0x3f);
        block[at++] = 0x80 | (unit & 0x3f);
      } else {
        const low = text.charCodeAt(++i);
        if (unit > 0xdbff || !(low >= 0xdc00 && low <= 0xdfff)) return false;
        const point = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        block[at++] = 0xf0 | (point >> 18);
        block[at++] = 0x80 | ((point >> 12) & 0x3f);
        block[at++] = 0x80 | ((point >> 6) & 0x3f);
        block[at++] = 0x80 | (point & 0x3f);
      }
    }
    this.#at = at;
    return true;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#block.length) return;
    const open = this.view();
    this.#block = new Uint8Array(Math.max(BLOCK_BYTES, (open.length + bytes) * 2));
    this.#block.set(open);
    this.#at = open.length;
    this.#start = 0;
  }
}

/** The letter that COPY text writes after a backslash; 0 for a character that stands for itself, -1 for a NUL. */
function toEscape(unit: number): number {
  switch (unit) {
    case 0:
      return -1;
    case 9:
      return 116;
    case 10:
      return 110;
    case 13:
      return 114;
    case BACKSLASH:
      return BACKSLASH;
    default:
      return 0;
  }
}
