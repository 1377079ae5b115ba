import type { z } from 'zod';
import type { ExitCode } from '../domain/exit-code.ts';

export interface Output {
  /** Null where no person is watching. */
  readonly terminal: NodeJS.WriteStream | null;
  readonly write: (text: string) => void;
}

/** What a command may touch of its process. */
export interface CommandIo {
  /** Results, and nothing else. */
  readonly stdout: Output;
  /** Logs, progress and complaints. */
  readonly stderr: Output;
  /** Aborts with a StoppedError on SIGTERM, SIGINT or SIGHUP. */
  readonly signal: AbortSignal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The whole of standard input. */
  readonly readStdin: () => Promise<string>;
}

export interface Command<Schema extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly summary: string;
  readonly settings: Schema;
  /** Command lines without the program's name, each with what it does. */
  readonly examples: readonly (readonly [line: string, purpose: string])[];
  run(settings: z.output<Schema>, io: CommandIo): Promise<ExitCode>;
}

/** A command that only holds others, like `malls`. */
export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly Command[];
}

/** Keeps the settings' types inside a command while the catalog sees them all as one kind. */
export function defineCommand<Schema extends z.ZodObject>(command: Command<Schema>): Command {
  return command;
}
