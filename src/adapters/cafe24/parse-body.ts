const PIECE_BYTES = 32 * 1024;
/** Wrong places that a piece may end at before the whole is parsed at once instead. */
const MOST_TRIES = 16;
/** The list's name, and how its first row begins: up to its second property where the first is a number, as a shop's is. */
const LIST_HEAD = /^\{"(\w{1,40})":\[(\{"\w{1,40}":(?:\d{1,9},"\w{1,40}":)?)/;
const LONGEST_HEAD_BYTES = 160;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const COMMA = 0x2c;

/**
 * JSON.parse of a body. A long list of rows (`{"name":[{…},{…}],…}`) is parsed some rows at a time: the text of a whole
 * page would lie outside of the young heap for long, and cost more to clear away than to parse.
 * @throws SyntaxError
 */
export function parseBody(body: Buffer): unknown {
  return parseList(body) ?? JSON.parse(body.toString('utf8'));
}

function parseList(body: Buffer): Record<string, unknown> | undefined {
  if (body.length < 2 * PIECE_BYTES) return undefined;
  const head = LIST_HEAD.exec(body.toString('latin1', 0, LONGEST_HEAD_BYTES));
  const [whole = '', name = '', rowHead = ''] = head ?? [];
  if (head === null) return undefined;
  const rows: unknown[] = [];
  const border = Buffer.from(`},${rowHead}`);
  let start = whole.length - rowHead.length;
  for (let next = findBorder(body, border, start); next >= 0; next = findBorder(body, border, start)) {
    const end = addPiece(rows, body, border, start, next);
    if (end === undefined) return undefined;
    start = end + 1;
  }
  return parseTail(rows, name, body.toString('utf8', start));
}

/** The place of the comma between two rows at least a piece away; -1 where the rest is not worth parting. */
function findBorder(body: Buffer, border: Buffer, start: number): number {
  const at = body.indexOf(border, start + PIECE_BYTES);
  return at < 0 ? -1 : at + 1;
}

/**
 * Adds the rows from `start` to a border. Such a text can also stand between two objects inside of a row, but then what
 * lies before it is no list of whole rows and does not parse: the next border is tried.
 * @returns where the piece ended
 */
function addPiece(rows: unknown[], body: Buffer, border: Buffer, start: number, firstEnd: number): number | undefined {
  let end = firstEnd;
  for (let tries = 0; tries < MOST_TRIES && end > 0; tries++) {
    const piece = tryParse(toListText(body, start, end));
    if (piece !== undefined) {
      for (const row of piece) rows.push(row);
      return end;
    }
    end = body.indexOf(border, end) + 1;
  }
  return undefined;
}

/** The rows between two of the list's own commas, which stand in for the brackets meanwhile: nothing has to be joined. */
function toListText(body: Buffer, start: number, end: number): string {
  const before = body[start - 1] ?? OPEN;
  body[start - 1] = OPEN;
  body[end] = CLOSE;
  const text = body.toString('utf8', start - 1, end + 1);
  body[start - 1] = before;
  body[end] = COMMA;
  return text;
}

function tryParse(text: string): unknown[] | undefined {
  try {
    const rows: unknown[] = JSON.parse(text);
    return rows;
  } catch {
    return undefined;
  }
}

/** The last rows and what follows the list, put together with the rows before them. */
function parseTail(rows: unknown[], name: string, tail: string): Record<string, unknown> | undefined {
  try {
    const parsed: Record<string, unknown[]> = JSON.parse(`{"${name}":[${tail}`);
    for (const row of parsed[name] ?? []) rows.push(row);
    return { ...parsed, [name]: rows };
  } catch {
    return undefined;
  }
}
