/** What one pass over a window found. */
export interface PassFindings {
  readonly distinctSeen: number;
  readonly countBefore: number | null;
  readonly countAfter: number | null;
  /** The API refuses offsets beyond this window's rows, so the pass could not go on. */
  readonly hasHitCeiling: boolean;
  /** Only for a source without a count: a second look at the same pages had the same keys and content. */
  readonly isConfirmed: boolean;
  readonly rereads: number;
  readonly rejected: number;
}

export type PassVerdict =
  | { readonly kind: 'complete'; readonly state: 'COMPLETE' | 'COMPLETE_WITH_REJECTS' }
  | { readonly kind: 'reread' }
  | { readonly kind: 'incomplete'; readonly message: string };

export const MOST_REREADS = 3;

/** A window is complete only when the API's count, before and after, agrees with the distinct keys seen. */
export function judgePass(pass: PassFindings): PassVerdict {
  if (doesAgree(pass)) {
    return { kind: 'complete', state: pass.rejected > 0 ? 'COMPLETE_WITH_REJECTS' : 'COMPLETE' };
  }
  if (pass.hasHitCeiling) {
    return {
      kind: 'incomplete',
      message: `${describe(pass)}; the rows beyond the API’s largest offset are out of reach`,
    };
  }
  if (pass.rereads < MOST_REREADS) return { kind: 'reread' };
  return { kind: 'incomplete', message: `${describe(pass)}, after ${pass.rereads} re-reads` };
}

function doesAgree(pass: PassFindings): boolean {
  if (pass.countAfter === null) return pass.isConfirmed && !pass.hasHitCeiling;
  return pass.countAfter === pass.distinctSeen && pass.countBefore === pass.distinctSeen;
}

function describe(pass: PassFindings): string {
  if (pass.countAfter === null) return `two looks at ${pass.distinctSeen} rows disagree`;
  return `the API counts ${pass.countBefore} before and ${pass.countAfter} after, its pages held ${pass.distinctSeen} distinct rows`;
}
