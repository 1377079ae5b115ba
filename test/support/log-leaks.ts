import { memberTable } from '../../src/datasets/member/member-table.ts';
import { orderItemTable } from '../../src/datasets/order/order-item-table.ts';
import { orderTable } from '../../src/datasets/order/order-table.ts';

/** What must not be in a log. */
export interface Guarded {
  readonly what: string;
  readonly value: string;
  /** Also in the middle of a longer word. */
  readonly isSecret: boolean;
}

export interface Leak extends Guarded {
  /** Which process said it. */
  readonly said: string;
  readonly around: string;
}

/** Columns of these types hold lists and objects; in others an object is a fault of the API. */
const NESTED = new Set(['json', 'strings']);

/**
 * The API's names of all that identifies or describes a person, whether it is ever stored or not, and whether it holds
 * more than one value.
 */
export const PERSONAL_FIELDS: ReadonlyMap<string, boolean> = new Map<string, boolean>([
  ['member_id', false],
  ...[memberTable, orderTable, orderItemTable].flatMap(({ columns, forbidden }) => [
    ...columns
      .filter(({ dataClass }) => dataClass === 'personal')
      .map(({ name, type }) => [name, NESTED.has(type)] as const),
    ...forbidden
      .filter((name) => /^(refund_bank_(name|account)|buyer$|receivers$)/.test(name))
      .map((name) => [name, true] as const),
  ]),
]);

const SHORTEST_SECRET = 6;
/** Ports, counts and zip codes cannot be told apart; nor can a gender of one letter from any other letter. */
const TELLS_NOTHING = /^(\d{0,6}|[ -~]{0,3})$/;
const AROUND = 60;

export function guardSecrets(what: string, values: Iterable<string>): readonly Guarded[] {
  return [...new Set(values)].map((value) => {
    if (value.length < SHORTEST_SECRET) throw new Error(`a ${what} of ${value.length} letters proves nothing`);
    return { what, value, isSecret: true };
  });
}

/** The personal values among what the API told, each once. */
export function guardPersonal(objects: readonly Readonly<Record<string, unknown>>[]): readonly Guarded[] {
  const found = new Map<string, string>();
  for (const object of objects) {
    for (const [name, value] of Object.entries(object)) {
      const isNested = PERSONAL_FIELDS.get(name);
      if (isNested === undefined || (!isNested && typeof value !== 'string')) continue;
      for (const text of listTexts(value)) if (!TELLS_NOTHING.test(text)) found.set(text, name);
    }
  }
  return Array.from(found, ([value, what]) => ({ what, value, isSecret: false }));
}

/** Where any of it stands in what the processes said: as it is, escaped in JSON, or encoded for an address. */
export function findLeaks(said: ReadonlyMap<string, string>, guarded: readonly Guarded[]): readonly Leak[] {
  return [...said].flatMap(([name, text]) => {
    const decoded = `${text}\n${text.split('\n').flatMap(decodeLine).join('\n')}`;
    return guarded.flatMap(({ what, value, isSecret }) => {
      const forms = new Set([value, encodeURIComponent(value), new URLSearchParams({ v: value }).toString().slice(2)]);
      const places = Array.from(forms, (form) => (isSecret ? decoded.indexOf(form) : findWord(decoded, form)));
      const at = places.find((place) => place >= 0);
      if (at === undefined) return [];
      const around = decoded.slice(Math.max(0, at - AROUND), at + value.length + AROUND);
      return [{ said: name, what, value, isSecret, around }];
    });
  });
}

/** Not in the middle of a longer word or number, which says something else. */
function findWord(text: string, word: string): number {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const isBorder = (letter: string, edge: string): boolean => !/\w/.test(letter) || !/\w/.test(edge);
    const [before, after] = [text.slice(at - 1, at), text.slice(at + word.length, at + word.length + 1)];
    if (isBorder(before, word.slice(0, 1)) && isBorder(after, word.slice(-1))) return at;
  }
  return -1;
}

function decodeLine(line: string): readonly string[] {
  if (!line.startsWith('{')) return [];
  try {
    return listTexts(JSON.parse(line));
  } catch {
    return [];
  }
}

function listTexts(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(listTexts);
}
