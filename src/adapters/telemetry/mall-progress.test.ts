import { describe, expect, it } from 'vitest';
import { createMallProgress } from './mall-progress.ts';
import type { ProgressEvent } from './progress.ts';

const MEMBER = { executionId: 7, mallId: 1, domainType: 'MEMBER' } as const;
const ORDER = { executionId: 7, mallId: 1, domainType: 'ORDER' } as const;

function apply(events: readonly ProgressEvent[]): ReturnType<ReturnType<typeof createMallProgress>['snapshot']> {
  const progress = createMallProgress({ mallId: 1, label: 'mall 1', domainTypes: ['MEMBER', 'ORDER'] });
  for (const event of events) progress.apply(event);
  return progress.snapshot();
}

const ended = { kind: 'ended', status: 'COMPLETED', isAlreadyComplete: false, reason: null, rows: 10 } as const;

describe('createMallProgress', () => {
  it('advances with the pages of each domain type', () => {
    const snapshot = apply([
      { ...MEMBER, kind: 'started', attemptCount: 1 },
      { ...MEMBER, kind: 'expected', rows: 40 },
      { ...MEMBER, kind: 'page', rows: 20, rejected: 0 },
    ]);
    expect(snapshot).toMatchObject({ fraction: 0.25, rows: 20, isEnded: false });
  });

  it('is whole only when every domain type has ended', () => {
    expect(apply([{ ...MEMBER, ...ended }])).toMatchObject({ fraction: 0.5, isEnded: false });
    expect(
      apply([
        { ...MEMBER, ...ended },
        { ...ORDER, ...ended },
      ]),
    ).toMatchObject({ fraction: 1, isEnded: true, note: 'complete' });
  });

  it('never shows a whole bar while rows may still come', () => {
    const snapshot = apply([
      { ...MEMBER, kind: 'expected', rows: 10 },
      { ...MEMBER, kind: 'page', rows: 15, rejected: 0 },
      { ...ORDER, ...ended },
    ]);
    expect(snapshot.fraction).toBeLessThan(1);
  });

  it('says what holds a domain type and why it failed', () => {
    const snapshot = apply([
      { ...MEMBER, kind: 'waiting', isWaiting: true },
      { ...ORDER, ...ended, status: 'FAILED', reason: 'AuthFailed' },
    ]);
    expect(snapshot.note).toBe('MEMBER waiting, ORDER AuthFailed');
  });
});
