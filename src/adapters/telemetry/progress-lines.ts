import type { Logger } from './log.ts';
import type { ProgressDisplay, ProgressEvent } from './progress.ts';

/** Progress where nothing can move: one log line an event that a person would want to read later. */
export function createProgressLines(log: Logger, write: (line: string) => void): ProgressDisplay {
  return {
    plan: (malls) => log.info('run planned', { malls: malls.length }),
    show: (event) => logEvent(log, event),
    writeLine: write,
    stop: () => {},
  };
}

function logEvent(log: Logger, { kind, ...fields }: ProgressEvent): void {
  switch (kind) {
    case 'started':
      log.info('execution started', fields);
      return;
    case 'expected':
      log.debug('window counted', fields);
      return;
    case 'page':
      log.debug('page committed', fields);
      return;
    case 'reread':
      log.warn('counts disagree, window is read again', fields);
      return;
    case 'waiting':
      log.info('waiting changed', fields);
      return;
    case 'retry':
      log.warn('call is tried again', fields);
      return;
    case 'ended':
      log.info('execution ended', fields);
      return;
    default:
      kind satisfies never;
  }
}
