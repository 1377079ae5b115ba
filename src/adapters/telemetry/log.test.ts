import { expect, it } from 'vitest';
import { createLogger } from './logger.ts';
import { LOG_FIELD_GROUPS } from './log-fields.ts';

function createSilent() {
  return createLogger({ level: 'silent', format: 'json', write: () => {} });
}

it('takes constant messages with fields of the vocabulary, and the compiler refuses all others', () => {
  const log = createSilent();
  const [mallId, unknownYet] = [3, String(Math.random())];
  const others = { mallId, shop: 'rosemall' };
  log.info('execution started', { mallId, executionId: 7 });
  log.info(mallId > 2 ? 'one' : 'the other', { mallId });
  // @ts-expect-error -- a value in the message
  log.info(`mall ${mallId} started`);
  // @ts-expect-error -- a value in the message
  log.warn('mall ' + mallId);
  // @ts-expect-error -- known at run time only
  log.error(unknownYet);
  // @ts-expect-error -- a word that the vocabulary lacks
  log.debug('execution started', { mall: 3 });
  // @ts-expect-error -- the same in an object that was made elsewhere
  log.debug('execution started', others);
  // @ts-expect-error -- the same, spread
  log.debug('execution started', { executionId: 7, ...others });
  expect(Object.keys(log)).toEqual(['debug', 'info', 'warn', 'error']);
});

it('has each word once', () => {
  const words = Object.values(LOG_FIELD_GROUPS).flatMap((group) => Object.keys(group));
  expect(words.toSorted()).toEqual([...new Set(words)].toSorted());
});
