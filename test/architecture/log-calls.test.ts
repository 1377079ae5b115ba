import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isKnownWord, listLogCalls } from './log-calls.ts';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));
/** The logger itself, and where a thread's lines are passed on. */
const BELOW_THE_CALLS = ['adapters/telemetry/logger.ts', 'commands/run/thread-pool.ts'];

const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
  .map((path) => ({ path, text: readFileSync(join(SRC, path), 'utf8') }));
const calls = sources
  .filter(({ path }) => !BELOW_THE_CALLS.includes(path))
  .flatMap(({ path, text }) => listLogCalls(text).map((call) => ({ path, ...call })));

// the compiler holds this too, also for fields that come by a spread (src/adapters/telemetry/log.ts)
describe('what is logged', () => {
  test('has constant messages', () => {
    expect(calls.length).toBeGreaterThan(50);
    expect(calls.filter(({ message }) => message === null)).toEqual([]);
  });

  test('has fields of the vocabulary', () => {
    expect(calls.flatMap(({ fields }) => fields).length).toBeGreaterThan(100);
    const unknown = calls.flatMap(({ path, fields }) =>
      fields.filter((word) => !isKnownWord(word)).map((word) => `${path}: ${word}`),
    );
    expect(unknown).toEqual([]);
  });

  test('goes through the one logger that takes secrets out', () => {
    const past = sources.filter(({ text }) => /\bconsole\.|from 'pino'/.test(text)).map(({ path }) => path);
    expect(past).toEqual(['adapters/telemetry/logger.ts']);
  });
});

describe('the scan', () => {
  test.each([
    ['log.info(`mall ${mallId} started`);', null, []],
    ['log.info("mall " + mallId);', null, []],
    ["log.warn('mall ' + mallId, { mallId });", null, []],
    ['this.log.error(message, { mallId });', null, []],
    [
      "ports.log[level](\n  'a constant',\n  { mallId, shop: { name: x }, ...others },\n);",
      'a constant',
      ['mallId', 'shop'],
    ],
    ["log[totals.failed > 0 ? 'error' : 'info']('night ended', { ...totals, seconds });", 'night ended', ['seconds']],
    ["log[NAMES['x']]('all', { a: f(b, { c }), d });", 'all', ['a', 'd']],
    ["log.debug('page committed')", 'page committed', []],
  ])('reads %j', (source, message, fields) => {
    expect(listLogCalls(source)).toEqual([{ message, fields }]);
  });

  test('knows the words of the vocabulary and no other', () => {
    expect(['executionId', 'mallId', 'domainType', 'reconcileId'].every(isKnownWord)).toBe(true);
    expect(['execution', 'shop', 'err', 'toString'].some(isKnownWord)).toBe(false);
  });
});
