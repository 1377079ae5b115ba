import type { MallSyncStatus } from '../../controller/mall-sync.ts';
import { STATUS_LIMITS } from './mall-sync-status-schema.ts';

/** The status as the API server takes it: a text or list that is too long is cut, else the whole would be refused. */
export function buildStatusDocument(status: MallSyncStatus): object {
  const { conditions, failures, explanation } = status;
  return {
    ...status,
    conditions: conditions.map((each) => ({ ...each, message: cut(each.message, STATUS_LIMITS.messageLetters) })),
    failures: failures
      .slice(0, STATUS_LIMITS.failures)
      .map((each) => ({ ...each, message: cut(each.message, STATUS_LIMITS.messageLetters) })),
    explanation: cut(explanation, STATUS_LIMITS.explanationLetters),
  };
}

function cut(text: string, mostLetters: number): string {
  return text.length <= mostLetters ? text : `${text.slice(0, mostLetters - 1).toWellFormed()}…`;
}
