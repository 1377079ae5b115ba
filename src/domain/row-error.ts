export const STAGES = ['FETCH', 'VALIDATE', 'MAP', 'WRITE'] as const;
export type Stage = (typeof STAGES)[number];

/** DUPLICATE_… mark skipped copies: the newer copy is stored, so they are logged but not counted as rejected. */
export const REASON_CODES = [
  'BAD_DATE',
  'BAD_NUMBER',
  'BAD_BOOLEAN',
  'BAD_TEXT',
  'TOO_LONG',
  'WRONG_TYPE',
  'MISSING_KEY',
  'NOT_AN_OBJECT',
  'OUTSIDE_WINDOW',
  'DATABASE_REFUSED',
  'DUPLICATE_IN_PAGE',
  'DUPLICATE_ACROSS_PAGES',
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

/** A row kept in tb_batch_error_log instead of (or, for a duplicate, beside) its table. Holds nothing personal. */
export interface RejectedRow {
  /** The row's key as text (`shop_no|member_id`), null when the row has none. */
  readonly key: string | null;
  readonly stage: Stage;
  readonly reasonCode: ReasonCode;
  /** The field at fault, null when it is the whole row. */
  readonly field: string | null;
  /** Constant for one cause: holds no value of the row. */
  readonly message: string;
  /** The raw row with every value masked. */
  readonly maskedPayload: unknown;
}

export function isDuplicate(row: RejectedRow): boolean {
  return row.reasonCode === 'DUPLICATE_IN_PAGE' || row.reasonCode === 'DUPLICATE_ACROSS_PAGES';
}

/** Groups rows that fail for one cause: the same field of the same domain type, at the same stage, for the same reason. */
export function toFingerprint(domainType: string, row: Pick<RejectedRow, 'stage' | 'reasonCode' | 'field'>): string {
  return [domainType, row.stage, row.reasonCode, row.field ?? '-'].join(':');
}
