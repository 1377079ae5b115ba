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

function logEvent(log: Logger, event: ProgressEvent): void {
  switch (event.kind) {
    case 'started':
      log.info('execution started', fieldsOf(event));
      return;
    case 'expected':
      log.debug('window counted', fieldsOf(event));
      return;
    case 'page':
      log.debug('page committed', fieldsOf(event));
      return;
    case 'reread':
      log.warn('counts disagree, window is read again', fieldsOf(event));
      return;
    case 'waiting':
      log.info('waiting changed', fieldsOf(event));
      return;
    case 'retry':
      log.warn('call is tried again', fieldsOf(event));
      return;
    case 'ended':
      log.info('execution ended', fieldsOf(event));
      return;
    default:
      event satisfies never;
  }
}

function fieldsOf<Event extends ProgressEvent>({ kind: _kind, ...fields }: Event): Omit<Event, 'kind'> {
  return fields;
}
