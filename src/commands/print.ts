import type { CommandIo } from './command.ts';

/** The one JSON document of a command with `--json`. */
export function printJson(io: CommandIo, document: unknown): void {
  io.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}
