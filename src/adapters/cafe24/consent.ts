import type { TokenPair } from '../../domain/credential.ts';
import { TerminalError, TransientError } from '../../domain/errors.ts';
import { parseMallUrl, toQueryString } from './mall-url.ts';
import { savePair } from './save-pair.ts';
import type { TokenCallDependencies } from './token-call.ts';
import { requestTokens } from './token-call.ts';
import { toStateError } from './token-refresh.ts';
import type { TokenStore } from '../../domain/token-store.ts';

/** What reading members, orders, sales statistics and the list of shops takes. */
const NEEDED_SCOPES = ['mall.read_privacy', 'mall.read_order', 'mall.read_salesreport', 'mall.read_store'] as const;

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
  const { store, mallId } = exchange;
  const credential = await store.load(mallId);
  const answer = await requestTokens(exchange, credential, {
    grant_type: 'authorization_code',
    code: exchange.code,
    redirect_uri: exchange.redirectUri,
  });
  if (answer.kind === 'uninstalled') throw toStateError('UNINSTALLED', credential.cafe24MallId);
  if (answer.kind === 'limited') {
    throw new TransientError('RateLimited', 'the mall takes no token request now', { retryAfterMs: answer.waitMs });
  }
  if (answer.kind === 'invalid-grant') {
    throw new TerminalError(
      'AuthFailed',
      'Cafe24 refused the code: it works once, for one minute, for its redirect URI',
    );
  }
  await replacePair(exchange, credential.generation, answer.pair);
  return answer.pair.scopes;
}

/** A refresh of the old pair may have come between: the new consent replaces whatever is stored. */
async function replacePair({ store, clock, mallId }: CodeExchange, first: number, pair: TokenPair): Promise<void> {
  for (let generation = first; !(await savePair(store, clock, mallId, generation, pair));) {
    const stored = await store.load(mallId);
    if (stored.refreshToken === pair.refreshToken) return;
    generation = stored.generation;
  }
}
