import { createHash } from 'node:crypto';

const LONGEST_TEXT = 2_000;
/** Index entries have a limit of some 2,700 bytes, and a key of four-byte letters must stay below it. */
const LONGEST_KEY = 500;

/** Text that PostgreSQL takes: no NUL, no half of a surrogate pair, not endless. */
export function toStorableText(text: string): string {
  return text.replaceAll('\0', '').toWellFormed().slice(0, LONGEST_TEXT).toWellFormed();
}

/** The key as it is stored and looked up, or null for one too long to be indexed. */
export function toStorableKey(key: string): string | null {
  const storable = toStorableText(key);
  return storable.length > LONGEST_KEY ? null : storable;
}

/** JSON that jsonb takes. */
export function toStorableJson(value: unknown): string {
  return JSON.stringify(toStorable(value) ?? null);
}

function toStorable(value: unknown): unknown {
  if (typeof value === 'string') return toStorableText(value);
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(toStorable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [toStorableText(key), toStorable(inner)]));
}

/** Equal for equal parts; stands for a row that has no key of its own. */
export function toIdentityHash(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40);
}
