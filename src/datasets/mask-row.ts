const LONGEST_TEXT = 100;
const MOST_ENTRIES = 200;
const DEEPEST = 6;

/**
 * A raw row with its structure and the shape of its values: digits become 9, letters x, whatever else is not ASCII
 * punctuation `?`. That is enough to see what was wrong with a date or an amount, and tells of nobody.
 */
export function maskRow(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return maskShape(value);
  if (typeof value === 'number') return Number.isInteger(value) ? 0 : 0.5;
  if (typeof value !== 'object' || value === null) return value ?? null;
  if (depth === DEEPEST) return '…';
  if (Array.isArray(value)) return value.slice(0, MOST_ENTRIES).map((item) => maskRow(item, depth + 1));
  const entries = Object.entries(value).slice(0, MOST_ENTRIES);
  return Object.fromEntries(entries.map(([name, inner]) => [maskName(name), maskRow(inner, depth + 1)]));
}

function maskShape(text: string): string {
  const shape = text
    .slice(0, LONGEST_TEXT)
    .replaceAll(/\d/g, '9')
    .replaceAll(/\p{L}/gu, 'x')
    .replaceAll(/[^ -~]/g, '?');
  return text.length > LONGEST_TEXT ? `${shape}…` : shape;
}

/** Names of properties are the API's, unless a row is so broken that a value stands in their place. */
function maskName(name: string): string {
  return /^\w{1,60}$/.test(name) ? name : '?';
}
