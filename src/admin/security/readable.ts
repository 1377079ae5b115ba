import type { Context } from 'hono';
import { BadInput } from '../bad-input.ts';
import type { AdminEnv } from '../env.ts';
import { isUnsafe } from './forgery.ts';
import { isApiPath } from './identify.ts';

/**
 * What was sent can be parsed, and holds no text that PostgreSQL cannot: no NUL, no half of a surrogate pair.
 * @throws BadInput naming the field
 */
export async function assertReadable(c: Context<AdminEnv>): Promise<void> {
  const url = new URL(c.req.url);
  if (/%00/.test(url.pathname)) throw unstorable('address');
  assertTexts(url.searchParams);
  if (!isUnsafe(c.req.method)) return;
  if (isApiPath(c.req.path)) assertStorable(parseJson(await c.req.text()), 'body');
  else if (isForm(c)) assertTexts(await readForm(c));
}

function isForm(c: Context<AdminEnv>): boolean {
  return /^\s*(multipart\/form-data|application\/x-www-form-urlencoded)\b/i.test(c.req.header('content-type') ?? '');
}

/** Whoever reads the form afterwards gets the same one. */
async function readForm(c: Context<AdminEnv>): Promise<FormData> {
  try {
    return await c.req.formData();
  } catch {
    throw new BadInput({ field: 'form', message: 'cannot be read' });
  }
}

function assertTexts(texts: Iterable<readonly [string, unknown]>): void {
  for (const [name, value] of texts) {
    if (!isStorable(name)) throw unstorable('address');
    if (typeof value === 'string' && !isStorable(value)) throw unstorable(name);
  }
}

function parseJson(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    throw new BadInput({ field: 'body', message: 'is not JSON' });
  }
}

/** No deeper than any document of the API. */
const DEEPEST = 20;

function assertStorable(value: unknown, path: string, depth = 0): void {
  if (depth > DEEPEST) throw new BadInput({ field: path, message: 'goes too deep' });
  if (typeof value === 'string' && !isStorable(value)) throw unstorable(path);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (!isStorable(key)) throw unstorable(path);
    assertStorable(inner, path === 'body' ? key : `${path}.${key}`, depth + 1);
  }
}

function isStorable(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed();
}

function unstorable(field: string): BadInput {
  return new BadInput({ field, message: 'holds a character that no text has' });
}
