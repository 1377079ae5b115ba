import { randomUUID } from 'node:crypto';
import { TerminalError, TransientError } from '../../domain/errors.ts';
import { parseMallUrl, toQueryString } from './mall-url.ts';
import { savePair } from './save-pair.ts';
import type { TokenCallDependencies } from './token-call.ts';
import { requestTokens } from './token-call.ts';
import { toStateError } from './token-refresh.ts';
import type { TokenStore } from './token-store.ts';

/** What reading members, orders, sales statistics and the list of shops takes. */
export const NEEDED_SCOPES = [
  'mall.read_privacy',
  'mall.read_order',
  'mall.read_salesreport',
  'mall.read_store',
] as const;

export interface ConsentRequest {
  readonly urlTemplate: string;
  readonly cafe24MallId: string;
  readonly clientId: string;
  /** Exactly as registered for the app. */
  readonly redirectUri: string;
  /** Comes back with the code; must not be guessable. */
  readonly state: string;
  readonly scopes?: readonly string[];
}

/** The page where the mall's chief operator gives consent; it leads to `redirectUri?code=…&state=…`. */
export function buildConsentUrl(request: ConsentRequest): string {
  const { origin, prefix } = parseMallUrl(request.urlTemplate, request.cafe24MallId);
  const query = toQueryString({
    response_type: 'code',
    client_id: request.clientId,
    state: request.state,
    redirect_uri: request.redirectUri,
    scope: (request.scopes ?? NEEDED_SCOPES).join(','),
  });
  return `${origin}${prefix}/api/v2/oauth/authorize?${query}`;
}

export function createConsentState(): string {
  return randomUUID();
}

export interface CodeExchange extends TokenCallDependencies {
  readonly store: Pick<TokenStore, 'load' | 'saveTokens'>;
  readonly mallId: number;
  /** Lives one minute and works once. */
  readonly code: string;
  readonly redirectUri: string;
}

/**
 * Turns the code of a consent into the mall's pair and stores it; the mall is ACTIVE then.
 * @returns the scopes that were granted
 * @throws TerminalError AuthFailed when the code is wrong, used or too old; TransientError
 */
export async function exchangeCode(exchange: CodeExchange): Promise<readonly string[]> {
  const { store, clock, mallId } = exchange;
  const credential = await store.load(mallId);
  const answer = await requestTokens(exchange, credential, {
    grant_type: 'authorization_code',
    code: exchange.code,
    redirect_uri: exchange.redirectUri,
  });
  switch (answer.kind) {
    case 'invalid-grant':
      throw new TerminalError(
        'AuthFailed',
        'Cafe24 refused the code: it works once, for one minute, with its redirect URI',
      );
    case 'uninstalled':
      throw toStateError('UNINSTALLED', credential.cafe24MallId);
    case 'limited':
      throw new TransientError('RateLimited', 'the mall takes no token request at present', {
        retryAfterMs: answer.waitMs,
      });
    case 'issued': {
      // A refresh of the old pair may have come between: the new consent replaces whatever is stored.
      let { generation } = credential;
      while (!(await savePair(store, clock, mallId, generation, answer.pair))) {
        const stored = await store.load(mallId);
        if (stored.refreshToken === answer.pair.refreshToken) break;
        generation = stored.generation;
      }
      return answer.pair.scopes;
    }
  }
}
