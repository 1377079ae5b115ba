import { LOG_FIELD_GROUPS } from '../../src/adapters/telemetry/log-fields.ts';

const WORDS: ReadonlySet<string> = new Set(Object.values(LOG_FIELD_GROUPS).flatMap((group) => Object.keys(group)));
/** `log.info(`, `ports.log[level](`, and the like; what follows is the rest of the source. */
const CALL = /\b(?:log|logger)(?:\.(?:trace|debug|info|warn|error|fatal)|\[[^\]\n]*(?:\[[^\]\n]*\][^\]\n]*)*\])\(\s*/g;
const CONSTANT = /^'[^'\\\n]+'\s*(?:,\s*|\))/;

export interface LogCall {
  /** Null: not a constant. */
  readonly message: string | null;
  /** The fields that are written out at the call. */
  readonly fields: readonly string[];
}

export function listLogCalls(source: string): readonly LogCall[] {
  return [...source.matchAll(CALL)].map((match) => {
    const rest = source.slice(match.index + match[0].length);
    const constant = CONSTANT.exec(rest)?.[0];
    if (constant === undefined) return { message: null, fields: [] };
    const message = /'(.*)'/.exec(constant)?.[1] ?? null;
    return { message, fields: constant.endsWith(')') ? [] : listKeys(rest.slice(constant.length)) };
  });
}

export function isKnownWord(field: string): boolean {
  return WORDS.has(field);
}

/** The keys of an object literal at the begin of the text; spreads and what is nested in values have none. */
function listKeys(text: string): readonly string[] {
  if (!text.startsWith('{')) return [];
  const keys: string[] = [];
  let depth = 0;
  let isAtKey = false;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] ?? '';
    if ('{[('.includes(letter)) depth += 1;
    if ('}])'.includes(letter)) depth -= 1;
    if (depth === 0) break;
    if (depth === 1 && (letter === ',' || (letter === '{' && at === 0))) isAtKey = true;
    else if (isAtKey && letter.trim() !== '') {
      const key = /^[A-Za-z_$][\w$]*/.exec(text.slice(at))?.[0];
      if (key !== undefined) keys.push(key);
      isAtKey = false;
    }
  }
  return keys;
}
