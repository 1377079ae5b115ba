/** How a stored column relates to a person: `none`; `personal` identifies or describes one; `forbidden` is never stored. */
export type DataClass = 'none' | 'personal' | 'forbidden';

export const PII_MODES = ['full', 'masked', 'none'] as const;
/** What is stored of personal columns: the value, a mask of it, or nothing. */
export type PiiMode = (typeof PII_MODES)[number];

/** Keeps the first character and the length class of a value, so that two masks seldom tell two people apart. */
export function maskText(value: string): string {
  if (value === '') return '';
  return `${value.slice(0, 1)}***`;
}
