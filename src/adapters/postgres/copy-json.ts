/** Cafe24 hands out where a member's refunds go; that is never stored, however deep it is nested. */
const NEVER_STORED = 'refund_bank';

export function isNeverStored(property: string): boolean {
  return property.startsWith(NEVER_STORED);
}

/** The JSON text that jsonb takes, without what is never stored; undefined when a text in it cannot be stored. */
export function toStorableJson(value: unknown): string | undefined {
  if (Array.isArray(value) && value.length === 0) return '[]';
  const plain = JSON.stringify(value);
  const text = plain.includes(NEVER_STORED) ? JSON.stringify(value, dropNeverStored) : plain;
  return text.includes(String.raw`\u`) && !isStorable(value) ? undefined : text;
}

function dropNeverStored(property: string, value: unknown): unknown {
  return isNeverStored(property) ? undefined : value;
}

/** jsonb refuses a NUL and half of a surrogate pair, which JSON itself allows as escapes. */
function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0');
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([property, inner]) => isStorable(property) && isStorable(inner));
}
