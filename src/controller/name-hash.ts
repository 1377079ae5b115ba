const OFFSET = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;

/** 13 letters and digits that tell names apart (FNV-1a, 64 bits); no protection against whoever seeks a collision. */
export function toNameHash(parts: readonly (string | number)[]): string {
  let hash = OFFSET;
  for (const character of parts.join(',')) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(character.codePointAt(0) ?? 0)) * PRIME);
  }
  return hash.toString(36).padStart(13, '0');
}
