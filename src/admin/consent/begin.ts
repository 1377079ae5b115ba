import type { Context } from 'hono';
import { buildConsentUrl } from '../../adapters/cafe24/consent.ts';
import { saveConsentRequest } from '../../adapters/postgres/consent-request.ts';
import { createMallStore } from '../../adapters/postgres/mall-store.ts';
import { BadInput, NotFound } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import type { AdminEnv, Visitor } from '../env.ts';
import { audited } from '../security/audited.ts';

/** The same for a visitor's session as long as it lasts, and no other visitor's. */
export function toVisitorKey({ name, csrfToken }: Visitor): string {
  return `${name}\n${csrfToken}`;
}

/**
 * Begins a consent and records it. @returns the address of Cafe24's page for the mall
 * @throws NotFound where there is no such mall; BadInput where it has no client, or nobody knows where to come back to
 */
export async function beginConsent(c: Context<AdminEnv>, context: AdminContext, mallId: number): Promise<string> {
  const { database, redirectUri, cafe24Url } = context;
  return await audited(c, context, { action: 'malls consent', target: `mall ${mallId}` }, async () => {
    const mall = await createMallStore(database).findMall(mallId);
    if (mall === null) throw new NotFound(`there is no mall ${mallId}`);
    if (mall.credential === null) {
      throw new BadInput({ field: 'mallId', message: 'the mall has no client id and secret yet; add them first' });
    }
    if (redirectUri === null) {
      const message = 'set MALLSYNC_PUBLIC_URL or MALLSYNC_REDIRECT_URI to authorize malls from here';
      throw new BadInput({ field: 'redirectUri', message });
    }
    const state = await saveConsentRequest(database.pool, { mallId, visitorKey: toVisitorKey(c.get('visitor')) });
    const { cafe24MallId, credential } = mall;
    const result = buildConsentUrl({
      urlTemplate: cafe24Url,
      cafe24MallId,
      clientId: credential.clientId,
      redirectUri,
      state,
    });
    return { result, detail: {} };
  });
}
