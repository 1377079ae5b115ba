import { parentPort, workerData } from 'node:worker_threads';
import type { LogFields, Logger, LogMethod } from '../../adapters/telemetry/log.ts';
import { toLoggedError } from '../../adapters/telemetry/logged-error.ts';
import { StoppedError } from '../../domain/errors.ts';
import { openExecutionEnvironment } from './execution-environment.ts';
import { runSlots } from './run-slots.ts';
import type { FromThread, ThreadSetup, ToThread } from './thread-messages.ts';
import type { WorkItem } from './work-item.ts';

/** The body of a worker thread: asks its parent for items, and tells it what happens. */
async function runThread(port: NonNullable<typeof parentPort>, setup: ThreadSetup): Promise<void> {
  const post = (message: FromThread): void => port.postMessage(message);
  const stopping = new AbortController();
  const waiting: ((item: WorkItem | null) => void)[] = [];
  port.on('message', (message: ToThread) => {
    if (message.kind === 'stop') stopping.abort(new StoppedError(message.message));
    else waiting.shift()?.(message.item);
  });
  const environment = await openExecutionEnvironment(setup.settings, setup);
  try {
    await runSlots(
      setup.slots,
      {
        environment,
        log: createPostingLog(post),
        next() {
          return new Promise((resolve) => {
            waiting.push(resolve);
            post({ kind: 'want-item' });
          });
        },
        emit: (event) => post({ kind: 'progress', event }),
        report: (report) => post({ kind: 'report', report }),
      },
      stopping.signal,
    );
  } finally {
    await environment.close();
    port.close();
  }
}

function createPostingLog(post: (message: FromThread) => void): Logger {
  const toMethod = (method: LogMethod) => (message: string, fields?: LogFields) => {
    const error = fields?.['error'];
    post({
      kind: 'log',
      method,
      message,
      fields: error === undefined ? fields : { ...fields, error: toLoggedError(error) },
    });
  };
  return { debug: toMethod('debug'), info: toMethod('info'), warn: toMethod('warn'), error: toMethod('error') };
}

const setup: ThreadSetup = workerData;
if (parentPort !== null) await runThread(parentPort, setup);
