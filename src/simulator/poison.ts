import { mix } from './random.ts';

export const ROW_FLAWS = ['bad-date', 'nul-character', 'too-long', 'wrong-type', 'missing-key', 'bad-amount'] as const;
export type RowFlaw = (typeof ROW_FLAWS)[number];

export const REPEATS = ['duplicate-in-page', 'duplicate-across-pages'] as const;
export type Repeat = (typeof REPEATS)[number];

export type PoisonKind = RowFlaw | Repeat;

export interface PoisonPlan {
  readonly perDay: number;
  readonly kinds: readonly PoisonKind[];
}

export function isRepeat(kind: PoisonKind): kind is Repeat {
  return REPEATS.some((repeat) => repeat === kind);
}

/** Which of a day's generated rows are poisoned, and how: spread over the day, the kinds taking turns. */
export function planPoison(plan: PoisonPlan, day: number, size: number): ReadonlyMap<number, PoisonKind> {
  const chosen = new Map<number, PoisonKind>();
  const rows = Math.min(plan.perDay, size);
  for (let n = 0; n < rows; n++) {
    const kind = plan.kinds[(day + n) % plan.kinds.length];
    if (kind !== undefined) chosen.set(Math.floor(((n + 0.5) * size) / rows), kind);
  }
  return chosen;
}

/** Where each flaw shows in a row of one resource. */
export interface FlawFields {
  readonly key: string;
  readonly date: string;
  readonly text: string;
  readonly limitedText: string;
  readonly amount: string;
}

export function applyFlaw(
  row: Readonly<Record<string, unknown>>,
  flaw: RowFlaw,
  fields: FlawFields,
  seed: number,
): Record<string, unknown> {
  const flawed: Record<string, unknown> = { ...row };
  switch (flaw) {
    case 'bad-date':
      flawed[fields.date] = `2025-02-3${mix(seed, 1) % 10}T25:61:00+09:00`;
      break;
    case 'nul-character':
      flawed[fields.text] = 'nul\u0000inside';
      break;
    case 'too-long':
      flawed[fields.limitedText] = 'x'.repeat(400);
      break;
    case 'wrong-type':
      flawed[fields.text] = { unexpected: 'object' };
      break;
    case 'missing-key':
      delete flawed[fields.key];
      break;
    case 'bad-amount':
      flawed[fields.amount] = '12,34x';
      break;
  }
  return flawed;
}
