import { createUsageError } from '../usage-error.ts';

/**
 * The code of what a person pasted: the whole address that the consent led to, or the code alone.
 * @param state of the consent that was asked for; null where another process asked
 * @throws SettingsError when the address carries an error, or the state of another consent
 */
export function parsePastedCode(pasted: string, state: string | null): string {
  const text = pasted.trim();
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) return text;
  const refusal = url.searchParams.get('error');
  if (refusal !== null) throw createUsageError(`the consent was refused by Cafe24: ${refusal}`);
  if (state !== null && url.searchParams.get('state') !== state) {
    throw createUsageError('the pasted address must be the one this consent led to; its state is another’s');
  }
  return url.searchParams.get('code') ?? '';
}
