import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import type { Finished, Started } from '../../support/program.ts';
import { isKnownWord, listLogCalls } from '../../architecture/log-calls.ts';

/** What the processes of a scene said, each under a name of its own, once they have ended. */
export interface Said {
  readonly texts: ReadonlyMap<string, string>;
  /** Takes a process over: what it says is kept when it ends. */
  keep(name: string, started: Started): Promise<Finished>;
}

export interface LogLine {
  readonly msg: string;
  readonly fields: readonly string[];
}

const SRC = fileURLToPath(new URL('../../../src', import.meta.url));
const OWN = ['time', 'level', 'msg'];

export function createSaid(): Said {
  const texts = new Map<string, string>();
  return {
    texts,
    async keep(name, started) {
      const end = await started.finished;
      let unique = name;
      for (let serial = 2; texts.has(unique); serial += 1) unique = `${name} ${serial}`;
      texts.set(unique, `${end.stdout}\n${end.stderr}`);
      return end;
    },
  };
}

/** The JSON lines among what a process said; what commands print for people is none. */
export function listLogLines(text: string): readonly LogLine[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{"level":'))
    .map((line) => {
      const { msg, ...fields } = JSON.parse(line) as Readonly<Record<string, unknown>>;
      return { msg: String(msg), fields: Object.keys(fields).filter((name) => !OWN.includes(name)) };
    });
}

/** Messages and fields that no source and no vocabulary has. */
export function listStrangers(lines: readonly LogLine[]): readonly string[] {
  const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  const known = new Set(
    sources.flatMap((path) => listLogCalls(readFileSync(join(SRC, path), 'utf8')).map(({ message }) => message)),
  );
  return [
    ...new Set(
      lines.flatMap(({ msg, fields }) => [
        ...(known.has(msg) ? [] : [`message ${msg}`]),
        ...fields.filter((name) => !isKnownWord(name)).map((name) => `field ${name} of ${msg}`),
      ]),
    ),
  ];
}
