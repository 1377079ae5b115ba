import type { Context } from 'hono';
import { exchangeCode } from '../../adapters/cafe24/consent.ts';
import { parseMallUrl } from '../../adapters/cafe24/mall-url.ts';
import { createTransport } from '../../adapters/cafe24/transport.ts';
import { createCipher } from '../../adapters/postgres/cipher.ts';
import { takeConsentRequest } from '../../adapters/postgres/consent-request.ts';
import { parseKeyRing } from '../../adapters/postgres/key-ring.ts';
import { createTokenStore } from '../../adapters/postgres/token-store.ts';
import { toSyncError } from '../../domain/errors.ts';
import type { FailureReason } from '../../domain/failure.ts';
import type { AdminContext } from '../context.ts';
import type { AdminEnv } from '../env.ts';
import { audited } from '../security/audited.ts';
import { toVisitorKey } from './begin.ts';
import { ConsentDenied, ConsentRefusal } from './consent-refusal.ts';

/** What Cafe24's page sent the visitor back with. */
export interface ConsentAnswer {
  readonly state: string | undefined;
  readonly code: string | undefined;
  readonly error: string | undefined;
}

export interface ConsentOutcome {
  readonly mallId: number;
  /** Why Cafe24 gave no tokens for its code; null when they are stored. */
  readonly failure: FailureReason | null;
}

/**
 * Spends the state, stores the tokens that the consent brings, and records it.
 * @throws ConsentRefusal for an answer that is not this visitor's; ConsentDenied when Cafe24 gave no consent;
 *   TransientError DatabaseUnavailable
 */
export async function finishConsent(
  c: Context<AdminEnv>,
  context: AdminContext,
  answer: ConsentAnswer,
): Promise<ConsentOutcome> {
  const taken = await takeState(c, context, answer.state);
  const mallId = 'mallId' in taken ? taken.mallId : null;
  const target = mallId === null ? 'no mall' : `mall ${mallId}`;
  try {
    return await audited(c, context, { action: 'malls authorize', target }, async () => {
      if (taken.kind !== 'taken') throw new ConsentRefusal(taken.kind, mallId);
      if (answer.error !== undefined) throw new ConsentDenied(answer.error, taken.mallId);
      if (answer.code === undefined) throw new ConsentRefusal('noCode', taken.mallId);
      const scopes = await exchange(context, taken.mallId, answer.code);
      return { result: { mallId: taken.mallId, failure: null }, detail: { scopes: scopes.join(',') } };
    });
  } catch (error) {
    const failure = toExchangeFailure(error);
    if (mallId === null || failure === null) throw error;
    return { mallId, failure };
  }
}

function takeState(c: Context<AdminEnv>, { database }: AdminContext, state: string | undefined) {
  if (state === undefined) return { kind: 'missing' } as const;
  return takeConsentRequest(database.pool, state, toVisitorKey(c.get('visitor')));
}

/** What the visitor is told of on the mall's page; null for what is another error's business. */
function toExchangeFailure(error: unknown): FailureReason | null {
  if (error instanceof ConsentRefusal || error instanceof ConsentDenied) return null;
  const { reason } = toSyncError(error);
  return reason === 'Bug' || reason === 'DatabaseUnavailable' ? null : reason;
}

async function exchange(context: AdminContext, mallId: number, code: string): Promise<readonly string[]> {
  const { database, encryptionKeys, cafe24Url, redirectUri, clock } = context;
  const store = createTokenStore({ pool: database.pool, cipher: createCipher(parseKeyRing(encryptionKeys)) });
  const { cafe24MallId } = await store.load(mallId);
  const transport = createTransport(clock);
  try {
    return await exchangeCode({
      transport,
      clock,
      meter: { addCall: () => {} },
      mallUrl: parseMallUrl(cafe24Url, cafe24MallId),
      store,
      mallId,
      code,
      redirectUri: redirectUri ?? '',
    });
  } finally {
    await transport.close();
  }
}
