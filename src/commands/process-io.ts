import { text as readText } from 'node:stream/consumers';
import { StoppedError } from '../domain/errors.ts';
import { EXIT } from '../domain/exit-code.ts';
import type { CommandIo, Output } from './command.ts';

const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** The process as commands see it. The first stop signal asks for an orderly end, the second ends at once. */
export function createProcessIo(process: NodeJS.Process): {
  readonly io: CommandIo;
  readonly close: () => Promise<void>;
} {
  const controller = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(EXIT.stopped);
    controller.abort(new StoppedError(`received ${signal}`));
  };
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  const stdout = createOutput(process.stdout);
  const stderr = createOutput(process.stderr);
  return {
    io: {
      stdout,
      stderr,
      signal: controller.signal,
      environment: process.env,
      readStdin: () => readText(process.stdin),
    },
    async close() {
      await Promise.all([stdout.drain(), stderr.drain()]);
    },
  };
}

interface DrainableOutput extends Output {
  drain(): Promise<void>;
}

/** A reader that leaves early, as `head` does, ends the writing quietly and nothing else. */
function createOutput(stream: NodeJS.WriteStream): DrainableOutput {
  let isBroken = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    isBroken = true;
  });
  return {
    terminal: stream.isTTY ? stream : null,
    write(text) {
      if (!isBroken) stream.write(text);
    },
    drain: () =>
      new Promise((resolve) => {
        if (isBroken || stream.writableLength === 0) resolve();
        else stream.write('', () => resolve());
      }),
  };
}
