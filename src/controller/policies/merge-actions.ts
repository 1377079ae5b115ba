import type { Action } from '../decision.ts';

/** What goes to the ledger comes first; what a Job loses, it loses last. */
const ORDER: readonly Action['kind'][] = [
  'mark-launched',
  'record',
  'admit',
  'verify-absence',
  'release-job',
  'delete-job',
  'delete-mall-sync',
];

/** One action of each kind that writes to the ledger, whatever the number of runs. */
export function mergeActions(actions: readonly Action[]): readonly Action[] {
  const launches = actions.flatMap((action) => (action.kind === 'mark-launched' ? action.launches : []));
  const outcomes = actions.flatMap((action) => (action.kind === 'record' ? action.outcomes : []));
  const merged: Action[] = actions.filter(({ kind }) => kind !== 'mark-launched' && kind !== 'record');
  if (launches.length > 0) merged.push({ kind: 'mark-launched', launches });
  if (outcomes.length > 0) merged.push({ kind: 'record', outcomes });
  return merged.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}
