import { describe, expect, it } from 'vitest';
import { CATALOG } from './catalog.ts';
import { runCommandLine } from './program.ts';
import { sourceOf, toSettingName } from './settings/setting.ts';
import { readVersion } from './version.ts';

interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function runLine(...args: string[]): Promise<Ran> {
  const written = { stdout: '', stderr: '' };
  const exitCode = await runCommandLine(args, {
    stdout: { terminal: null, write: (text) => (written.stdout += text) },
    stderr: { terminal: null, write: (text) => (written.stderr += text) },
    signal: new AbortController().signal,
    environment: {},
    readStdin: () => Promise.resolve(''),
  });
  return { exitCode, ...written };
}

const entries = await Promise.all(CATALOG.map(async (entry) => ({ entry, loaded: await entry.load() })));
const commands = entries.flatMap(({ entry, loaded }) =>
  'commands' in loaded
    ? loaded.commands.map((command) => ({ words: [entry.name, command.name], command }))
    : [{ words: [entry.name], command: loaded }],
);

describe('every command', () => {
  it.each(commands)('explains itself with examples: $words', async ({ words, command }) => {
    const { exitCode, stdout, stderr } = await runLine(...words, '--help');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain(`Usage: mallsync ${words.join(' ')}`);
    expect(command.examples.length).toBeGreaterThan(0);
    for (const [line, purpose] of command.examples) {
      expect(stdout).toContain(`  # ${purpose}\n  mallsync ${line}`);
      expect(line.startsWith(words.join(' '))).toBe(true);
    }
  });

  it.each(commands)('knows the flags of its own examples: $words', ({ command }) => {
    const known = Object.values(command.settings.shape).map((field) => toSettingName(sourceOf(field)));
    const used = command.examples.flatMap(
      ([line]) => line.replace(/"[^"]*"/g, '').match(/(?<= )--[a-z][a-z0-9-]*/g) ?? [],
    );
    expect(known).toEqual(expect.arrayContaining(used));
  });

  it.each(entries)('is named and told of the same in the catalog: $entry.name', ({ entry, loaded }) => {
    expect({ name: loaded.name, summary: loaded.summary }).toEqual({ name: entry.name, summary: entry.summary });
  });
});

describe('the program', () => {
  it('says its version', async () => {
    expect(await runLine('--version')).toEqual({ exitCode: 0, stdout: `${readVersion()}\n`, stderr: '' });
  });

  it('ends with 64 for what it does not know, and changes nothing on standard output', async () => {
    for (const args of [['unknown'], ['run', '--unknown'], ['malls', 'unknown'], ['migrate', 'surplus']]) {
      expect(await runLine(...args)).toMatchObject({ exitCode: 64, stdout: '' });
    }
  });
});
