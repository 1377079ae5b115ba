/** Cuts a stream of bytes into lines. A line is cut at its byte, which no other character of UTF-8 contains. */
export interface LineCutter {
  /** The lines that end in `chunk`; null when a line is longer than the limit. */
  push(chunk: Buffer): readonly Buffer[] | null;
  /** Bytes of a line that has not ended. */
  readonly restBytes: number;
}

const NEWLINE = 0x0a;

export function createLineCutter(maxLineBytes: number): LineCutter {
  let rest: Buffer[] = [];
  let restBytes = 0;
  return {
    get restBytes() {
      return restBytes;
    },
    push(chunk) {
      const lines: Buffer[] = [];
      let start = 0;
      for (;;) {
        const end = chunk.indexOf(NEWLINE, start);
        const piece = chunk.subarray(start, end === -1 ? chunk.length : end);
        if (restBytes + piece.length > maxLineBytes) return null;
        if (end === -1) {
          if (piece.length > 0) rest.push(piece);
          restBytes += piece.length;
          return lines;
        }
        const line = rest.length === 0 ? piece : Buffer.concat([...rest, piece]);
        if (line.length > 0) lines.push(line);
        rest = [];
        restBytes = 0;
        start = end + 1;
      }
    },
  };
}
