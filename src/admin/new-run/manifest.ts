import { stringify } from 'yaml';
import { GROUP, VERSION } from '../../adapters/kubernetes/resource-path.ts';
import type { NewRunWish } from './wish.ts';

/** A MallSync names no more. */
const MOST_MALLS = 1_000;

/** The run as `kubectl apply -f` and a repository take it; several documents where one cannot name all malls. */
export function buildManifest(wish: NewRunWish, requestedBy: string): string {
  const chunks = wish.scope === 'chosen' ? chunk(wish.mallIds) : [null];
  const documents = chunks.map((mallIds, index) => ({
    apiVersion: `${GROUP}/${VERSION}`,
    kind: 'MallSync',
    metadata: { name: index === 0 ? toName(wish) : `${toName(wish)}-${index + 1}` },
    spec: buildSpec(wish, mallIds, requestedBy),
  }));
  // times stay texts for readers of YAML that would make a date of them
  return documents.map((document) => stringify(document, { version: '1.1' })).join('---\n');
}

function buildSpec(wish: NewRunWish, mallIds: readonly number[] | null, requestedBy: string): object {
  const { domainType, startDate, endDate, scope, labels, pageSize, reprocess, reason } = wish;
  return {
    domainType,
    startDate,
    endDate,
    ...(mallIds !== null && { mallIds }),
    ...(scope === 'label' && { mallSelector: labels }),
    pageSize,
    trigger: 'MANUAL',
    requestedBy,
    ...(reason !== '' && { reason }),
    ...(reprocess && { reprocess }),
  };
}

/** Whole days by their dates, else to the second. */
function toName({ domainType, startDate, endDate }: NewRunWish): string {
  const isWhole = startDate.endsWith('T00:00:00') && endDate.endsWith('T00:00:00');
  const [start, end] = [startDate, endDate].map((time) => time.replaceAll(/[-:]/g, '').slice(0, isWhole ? 8 : 15));
  return `manual-${domainType}-${start}-${end}`.toLowerCase();
}

function chunk(mallIds: readonly number[]): readonly (readonly number[])[] {
  const chunks: (readonly number[])[] = [];
  for (let at = 0; at < mallIds.length; at += MOST_MALLS) chunks.push(mallIds.slice(at, at + MOST_MALLS));
  return chunks;
}
