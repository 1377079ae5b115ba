import { stringify } from 'yaml';
import { buildMallSync } from '../../adapters/kubernetes/mall-sync-create.ts';
import { ClusterError } from '../../controller/cluster-error.ts';
import type { MallSyncDraft } from '../../controller/mall-sync.ts';
import { toInstantText } from '../time-text.ts';
import type { DraftOutcome } from './create-drafts.ts';

/** The MallSyncs as `kubectl apply -f -` takes them: YAML documents, or one JSON list. */
export function renderDrafts(drafts: readonly MallSyncDraft[], asJson: boolean): string {
  const items = drafts.map(buildMallSync);
  return asJson
    ? `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 2)}\n`
    : items.map((item) => stringify(item, { aliasDuplicateObjects: false })).join('---\n');
}

export function toNightlyDocument(scheduledAtMs: number, outcomes: readonly DraftOutcome[]): object {
  return {
    scheduledAt: toInstantText(scheduledAtMs),
    mallSyncs: outcomes.map((outcome) => ({
      name: outcome.draft.name,
      result: toWord(outcome),
      message: toMessage(outcome),
    })),
  };
}

/** One line a MallSync. */
export function renderOutcomes(outcomes: readonly DraftOutcome[]): string {
  if (outcomes.length === 0) return 'nothing to read\n';
  return outcomes
    .map((outcome) => {
      const message = toMessage(outcome);
      return `${toWord(outcome).padEnd(8)}${outcome.draft.name}${message === null ? '' : `: ${message}`}\n`;
    })
    .join('');
}

function toWord({ result }: DraftOutcome): 'created' | 'exists' | 'failed' {
  return result instanceof ClusterError ? 'failed' : result;
}

function toMessage({ result }: DraftOutcome): string | null {
  return result instanceof ClusterError ? result.message : null;
}
