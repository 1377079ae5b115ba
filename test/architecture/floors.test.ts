import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findFloor, FLOORS, listImports, listViolations } from './floors.ts';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));

const files = readdirSync(SRC, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => {
    const path = relative(SRC, join(entry.parentPath, entry.name));
    return { path, text: readFileSync(join(SRC, path), 'utf8') };
  });

const MOST_LINES = 250;
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*((\.test|\.d)?\.ts|\.css|\.js|\.svg)$/;
const NAMELESS = /^(utils?|helpers?|common|types|index)\./;

describe('the source tree', () => {
  test('every import goes to the own floor or one below, and to its packages', () => {
    expect(files.flatMap(({ path, text }) => listViolations({ path, imports: listImports(text) }))).toEqual([]);
  });

  test('every floor has files', () => {
    const empty = FLOORS.filter((floor) => !files.some(({ path }) => findFloor(path) === floor));
    expect(empty.map((floor) => floor.path)).toEqual([]);
  });

  test('every file is under 250 lines', () => {
    const code = files.filter(({ path }) => path.endsWith('.ts'));
    const long = code.filter(({ text }) => text.split('\n').length - 1 >= MOST_LINES);
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  test('every file is named in kebab-case for what it holds', () => {
    const names = files.map(({ path }) => path.split('/').at(-1) ?? '');
    expect(names.filter((name) => !KEBAB_CASE.test(name) || NAMELESS.test(name))).toEqual([]);
  });
});

describe('the rules themselves', () => {
  const broken = [
    ['domain/a.ts', 'zod', 'package'],
    ['domain/a.ts', 'node:fs', 'package'],
    ['domain/a.ts', '../engine/b.ts', 'may not use engine'],
    ['engine/a.ts', '../adapters/postgres/pool.ts', 'may not use adapters/postgres'],
    ['engine/a.ts', '../controller/decide.ts', 'may not use controller'],
    ['controller/a.ts', '../engine/ledger.ts', 'may not use engine'],
    ['adapters/kubernetes/a.ts', '../postgres/pool.ts', 'may not use adapters/postgres'],
    ['adapters/kubernetes/a.ts', '../../engine/ledger.ts', 'may not use engine'],
    ['adapters/cafe24/a.ts', '../postgres/pool.ts', 'may not use adapters/postgres'],
    ['adapters/postgres/a.ts', 'undici', 'package'],
    ['adapters/telemetry/a.ts', '../../datasets/member/table.ts', 'may not use datasets'],
    ['datasets/member/a.ts', '../../adapters/telemetry/log.ts', 'may not use adapters/telemetry'],
    ['simulator/a.ts', '../engine/b.ts', 'may not use engine'],
    ['commands/a.ts', '../main.ts', 'may not use main.ts'],
    ['commands/a.ts', './b', 'ends in .ts'],
    ['commands/a.ts', '../../test/support/database.ts', 'stands on no floor'],
    ['newcomer/a.ts', 'zod', 'no floor'],
    ['engine/a.test.ts', '../adapters/postgres/pool.ts', 'may not use adapters/postgres'],
  ] as const;

  test.each(broken)('%s with %s is a violation', (path, specifier, why) => {
    expect(listViolations({ path, imports: [specifier] }).join()).toContain(why);
  });

  const sound = [
    ['commands/run/a.ts', '../../adapters/postgres/pool.ts'],
    ['datasets/member/a.ts', '../../adapters/cafe24/list-resource.ts'],
    ['engine/a.test.ts', '../../test/support/manual-clock.ts'],
    ['engine/a.test.ts', 'fast-check'],
    ['adapters/postgres/a.ts', 'slonik'],
    ['main.ts', './commands/program.ts'],
  ] as const;

  test.each(sound)('%s with %s is sound', (path, specifier) => {
    expect(listViolations({ path, imports: [specifier] })).toEqual([]);
  });

  test('imports are found in every form, and not in comments', () => {
    const source = `import { a } from './a.ts';
import type {
  B,
} from "./b.ts";
import './c.ts';
export * from './d.ts';
const e = await import('./e.ts');
// import { f } from './f.ts';
/* from './g.ts' */
const query = 'select 1 from "user".h';`;
    expect(listImports(source)).toEqual(['./a.ts', './b.ts', './d.ts', './c.ts', './e.ts']);
  });
});
