/** A well-spread 32-bit number from two; the same inputs always give the same number. */
export function mix(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul((b + 0x7f4a7c15) | 0, 0xc2b2ae35);
  h ^= h >>> 16;
  h = Math.imul(h, 0x7feb352d);
  h ^= h >>> 15;
  h = Math.imul(h, 0x846ca68b);
  h ^= h >>> 16;
  return h >>> 0;
}

export function hashText(text: string, seed: number): number {
  let h = seed | 0;
  for (let i = 0; i < text.length; i++) h = mix(h, text.charCodeAt(i));
  return h >>> 0;
}

const TOKEN_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** 22 characters, as the tokens of the real API look; deterministic so that a fleet's import file can be written ahead. */
export function buildOpaqueToken(purpose: string, seed: number, serial: number): string {
  let state = mix(hashText(purpose, seed), serial);
  let token = '';
  for (let i = 0; i < 22; i++) {
    state = mix(state, i);
    token += TOKEN_ALPHABET.charAt(state % TOKEN_ALPHABET.length);
  }
  return token;
}

export function pick<const Items extends readonly [unknown, ...unknown[]]>(items: Items, hash: number): Items[number] {
  return items[hash % items.length];
}
