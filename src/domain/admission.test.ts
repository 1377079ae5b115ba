import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideAdmission, type AdmissionWish, type InstanceState, type KnownExecution } from './admission.ts';
import { EXECUTION_STATUSES, isComplete, isLive, MODES } from './execution.ts';

function aWish(overrides: Partial<AdmissionWish> = {}): AdmissionWish {
  return { pageSize: 1000, attemptCount: null, mode: 'RESUME', reason: '', onUsedAttempt: 'next', ...overrides };
}

function anExecution(overrides: Partial<KnownExecution> = {}): KnownExecution {
  return {
    executionId: 1,
    attemptCount: 1,
    status: 'COMPLETED',
    mode: 'RESUME',
    reading: 1,
    pageSize: 1000,
    mallSyncName: null,
    ...overrides,
  };
}

function anInstance(executions: readonly KnownExecution[], overrides: Partial<InstanceState> = {}): InstanceState {
  return { isPeriodOver: true, reading: 1, executions, hasOpenRejects: false, ...overrides };
}

const execution = fc.record({
  executionId: fc.integer({ min: 1, max: 1_000 }),
  attemptCount: fc.integer({ min: 1, max: 9 }),
  status: fc.constantFrom(...EXECUTION_STATUSES),
  mode: fc.constantFrom(...MODES),
  reading: fc.integer({ min: 1, max: 3 }),
  pageSize: fc.constantFrom(10, 1000),
  mallSyncName: fc.constantFrom(null, 'by-hand'),
});
const instance = fc.record({
  isPeriodOver: fc.boolean(),
  reading: fc.integer({ min: 1, max: 3 }),
  executions: fc.uniqueArray(execution, { selector: (known) => known.attemptCount, maxLength: 5 }),
  hasOpenRejects: fc.boolean(),
});
const wish = fc.record({
  pageSize: fc.constantFrom(10, 1000),
  attemptCount: fc.option(fc.integer({ min: 1, max: 9 })),
  mode: fc.constantFrom(...MODES),
  reason: fc.constantFrom('', ' ', 'late orders'),
  onUsedAttempt: fc.constantFrom('next' as const, 'adopt' as const),
});

describe('decideAdmission', () => {
  it('admits only where nothing is live, under a number that is free, in a reading that is open', () => {
    fc.assert(
      fc.property(wish, instance, (asked, state) => {
        const decision = decideAdmission(asked, state);
        if (decision.kind !== 'admit') return;
        expect(state.isPeriodOver).toBe(true);
        expect(state.executions.some((known) => isLive(known.status))).toBe(false);
        expect(state.executions.map((known) => known.attemptCount)).not.toContain(decision.attemptCount);
        const isReadingDone = state.executions.some(
          (known) => isComplete(known.status) && known.mode !== 'REPLAY' && known.reading === decision.reading,
        );
        if (decision.mode === 'RESUME') expect(isReadingDone).toBe(false);
        if (decision.mode === 'REPROCESS') expect(decision.reading).toBe(state.reading + 1);
        if (decision.mode === 'REPLAY') expect(state.hasOpenRejects).toBe(true);
      }),
    );
  });

  it('never lets page size decide whether a new execution begins', () => {
    fc.assert(
      fc.property(wish, instance, (asked, state) => {
        const one = decideAdmission({ ...asked, pageSize: 10 }, state);
        const other = decideAdmission({ ...asked, pageSize: 1000 }, state);
        expect(one.kind === 'admit').toBe(other.kind === 'admit');
      }),
    );
  });

  it('refuses a period that is not over before it looks at anything else', () => {
    const decision = decideAdmission(aWish(), anInstance([anExecution()], { isPeriodOver: false }));
    expect(decision).toMatchObject({ kind: 'refused', reason: 'PeriodOpen' });
  });

  it('takes the number after the highest, or the one that was named and is free', () => {
    const state = anInstance([anExecution({ attemptCount: 4, status: 'FAILED' })]);
    expect(decideAdmission(aWish(), state)).toMatchObject({ kind: 'admit', attemptCount: 5 });
    expect(decideAdmission(aWish({ attemptCount: 2 }), state)).toMatchObject({ attemptCount: 2 });
    expect(decideAdmission(aWish({ attemptCount: 4 }), state)).toMatchObject({ attemptCount: 5 });
  });

  it('calls an instance complete by its current reading, and never by a replay', () => {
    expect(decideAdmission(aWish(), anInstance([anExecution()]))).toMatchObject({ kind: 'already-complete' });
    expect(decideAdmission(aWish(), anInstance([anExecution()], { reading: 2 }))).toMatchObject({
      kind: 'admit',
      mode: 'RESUME',
      reading: 2,
    });
    expect(decideAdmission(aWish(), anInstance([anExecution({ mode: 'REPLAY' })]))).toMatchObject({ kind: 'admit' });
  });

  it('goes on where a reprocess is asked for and nothing is complete', () => {
    const state = anInstance([anExecution({ status: 'FAILED' })]);
    expect(decideAdmission(aWish({ mode: 'REPROCESS', reason: 'why' }), state)).toMatchObject({
      kind: 'admit',
      mode: 'RESUME',
      reading: 1,
    });
  });

  it('adopts by number: live ones with the same page size, and names the next number where one has failed', () => {
    const live = anExecution({ status: 'WAITING' });
    const adopt = aWish({ attemptCount: 1, onUsedAttempt: 'adopt' });
    expect(decideAdmission(adopt, anInstance([live]))).toEqual({ kind: 'adopt', execution: live });
    expect(decideAdmission({ ...adopt, pageSize: 10 }, anInstance([live]))).toMatchObject({
      reason: 'DuplicateRefused',
    });
    const failed = decideAdmission(adopt, anInstance([anExecution({ status: 'ABANDONED' })]));
    expect(failed).toMatchObject({ kind: 'refused', message: expect.stringContaining('next free attempt is 2') });
  });
});
