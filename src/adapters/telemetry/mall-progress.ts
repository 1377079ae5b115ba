import type { DomainType } from '../../domain/domain-type.ts';
import type { PlannedMall, ProgressEvent } from './progress.ts';

interface Part {
  expected: number | null;
  rows: number;
  rejected: number;
  state: 'planned' | 'running' | 'waiting' | 'retrying' | 'ended';
  outcome: string;
}

/** What one mall's bar shows. */
export interface MallSnapshot {
  /** 0 to 1; each domain type weighs the same, as their sizes are not known beforehand. */
  readonly fraction: number;
  readonly rows: number;
  readonly note: string;
  readonly isEnded: boolean;
}

export interface MallProgress {
  apply(event: ProgressEvent): void;
  snapshot(): MallSnapshot;
}

export function createMallProgress(mall: PlannedMall): MallProgress {
  const parts = new Map<DomainType, Part>(mall.domainTypes.map((domainType) => [domainType, newPart()]));
  return {
    apply(event) {
      const part = parts.get(event.domainType);
      if (part !== undefined) applyToPart(part, event);
    },
    snapshot() {
      const all = [...parts.values()];
      const isEnded = all.every((part) => part.state === 'ended');
      return {
        fraction: all.reduce((sum, part) => sum + toFraction(part), 0) / Math.max(all.length, 1),
        rows: all.reduce((sum, part) => sum + part.rows, 0),
        note: describe(parts, isEnded),
        isEnded,
      };
    },
  };
}

function newPart(): Part {
  return { expected: null, rows: 0, rejected: 0, state: 'planned', outcome: '' };
}

function applyToPart(part: Part, event: ProgressEvent): void {
  switch (event.kind) {
    case 'started':
      part.state = 'running';
      return;
    case 'expected':
      if (event.rows !== null) part.expected = (part.expected ?? 0) + event.rows;
      return;
    case 'page':
      part.rows += event.rows;
      part.rejected += event.rejected;
      part.state = 'running';
      return;
    case 'waiting':
      part.state = event.isWaiting ? 'waiting' : 'running';
      return;
    case 'retry':
    case 'reread':
      part.state = 'retrying';
      return;
    case 'ended':
      part.state = event.status === undefined ? 'retrying' : 'ended';
      part.outcome = toOutcome(event);
      return;
    default:
      event satisfies never;
  }
}

function toOutcome(event: ProgressEvent & { readonly kind: 'ended' }): string {
  if (event.reason !== null) return event.reason;
  if (event.isAlreadyComplete) return 'already complete';
  return event.status === 'COMPLETED_WITH_REJECTS' ? 'with rejects' : '';
}

function toFraction(part: Part): number {
  if (part.state === 'ended') return 1;
  if (part.expected === null || part.expected === 0) return 0;
  return Math.min(part.rows / part.expected, 0.99);
}

function describe(parts: ReadonlyMap<DomainType, Part>, isEnded: boolean): string {
  const notes = [...parts].flatMap(([domainType, part]) => {
    if (part.state === 'ended') return part.outcome === '' ? [] : [`${domainType} ${part.outcome}`];
    return part.state === 'planned' || part.state === 'running' ? [] : [`${domainType} ${part.state}`];
  });
  if (notes.length > 0) return notes.join(', ');
  return isEnded ? 'complete' : '';
}
