import type { ScryptOptions } from 'node:crypto';
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** OWASP's second choice: 32 MiB for a moment, three passes. A hash names its own cost, so that this may rise later. */
const COST = { logN: 15, r: 8, p: 3 } as const;
const SALT_BYTES = 16;
const KEY_BYTES = 32;
const MOST_MEMORY = 256 * 1_048_576;
/** So many at once: the page's memory must not grow with the number of those who knock. */
const PARALLEL = 2;

const HASH = /^scrypt\$(\d{2})\$(\d{1,2})\$(\d{1,2})\$([A-Za-z0-9+/]{22,88}={0,2})\$([A-Za-z0-9+/]{43}=)$/;

interface ParsedHash {
  readonly options: ScryptOptions;
  readonly salt: Buffer;
  readonly key: Buffer;
}

/** `scrypt$logN$r$p$salt$key`, the last two in base64. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, salt, toOptions(COST.logN, COST.r, COST.p));
  return `scrypt$${COST.logN}$${COST.r}$${COST.p}$${salt.toString('base64')}$${key.toString('base64')}`;
}

export function isPasswordHash(text: string): boolean {
  return parseHash(text) !== null;
}

/** Takes the same time whether the password is right or not. A text that is no hash matches nothing. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const parsed = parseHash(hash);
  if (parsed === null) return false;
  return timingSafeEqual(await derive(password, parsed.salt, parsed.options), parsed.key);
}

/** Never matches, at the price of one that does. */
export const UNMATCHABLE_HASH = `scrypt$${COST.logN}$${COST.r}$${COST.p}$${Buffer.alloc(SALT_BYTES).toString('base64')}$${Buffer.alloc(KEY_BYTES).toString('base64')}`;

function parseHash(text: string): ParsedHash | null {
  const match = HASH.exec(text);
  if (match === null) return null;
  const [logN, r, p] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const isCostly = logN >= 14 && logN <= 18 && r >= 1 && r <= 16 && p >= 1 && p <= 8;
  if (!isCostly) return null;
  const [salt, key] = [Buffer.from(match[4] ?? '', 'base64'), Buffer.from(match[5] ?? '', 'base64')];
  return { options: toOptions(logN, r, p), salt, key };
}

function toOptions(logN: number, r: number, p: number): ScryptOptions {
  return { N: 2 ** logN, r, p, maxmem: MOST_MEMORY };
}

let running = 0;
const waiting: (() => void)[] = [];

async function derive(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  if (running >= PARALLEL) await new Promise<void>((resolve) => waiting.push(resolve));
  else running += 1;
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      scrypt(password.normalize('NFC'), salt, KEY_BYTES, options, (error, key) => {
        if (error === null) resolve(key);
        else reject(error);
      });
    });
  } finally {
    // the place goes to the next in line, or is free
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}
