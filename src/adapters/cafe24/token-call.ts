import { z } from 'zod';
import type { Clock } from '../../domain/clock.ts';
import type { Credential, TokenPair } from '../../domain/credential.ts';
import { TerminalError, TransientError } from '../../domain/errors.ts';
import type { CallMeter } from '../../engine/page-source.ts';
import { readErrorBody, saysAppIsGone } from './error-body.ts';
import { HttpFailure, toTransientError } from './http-failure.ts';
import type { MallUrl } from './mall-url.ts';
import { toQueryString } from './mall-url.ts';
import { readRetryAfterMs } from './status-policy.ts';
import type { HttpAnswer, Transport } from './transport.ts';
import { readCallLimits } from './usage-headers.ts';

export const TOKEN_ENDPOINT = 'oauth/token';

export type TokenAnswer =
  | { readonly kind: 'issued'; readonly pair: TokenPair }
  /** The refresh token or code is wrong, used or expired. */
  | { readonly kind: 'invalid-grant' }
  | { readonly kind: 'uninstalled' }
  /** More than 15 token requests in 2 hours, or the mall's quota is spent. */
  | { readonly kind: 'limited'; readonly waitMs: number };

export interface TokenCallDependencies {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly meter: Pick<CallMeter, 'addCall'>;
  readonly mallUrl: MallUrl;
}

export type TokenForm = Readonly<Record<string, string>>;

/** Nobody may cut a token call short: the answer holds the only valid refresh token. It has its own deadline. */
const NEVER_ABORTED = new AbortController().signal;
export const TOKEN_CALL_TIMEOUT_MS = 30_000;
const UNKNOWN_LIMIT_WAIT_MS = 10 * 60_000;
const ACCESS_LIFETIME_MS = 2 * 3_600_000;
const REFRESH_LIFETIME_MS = 14 * 86_400_000;

/** Strict only about the tokens: the one before is dead by now, so nothing else may cost us the pair. */
const tokenSchema = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  expires_at: z.string().optional().catch(undefined),
  refresh_token_expires_at: z.string().optional().catch(undefined),
  issued_at: z.string().optional().catch(undefined),
  scopes: z.array(z.string()).catch([]),
});

/**
 * One request to the token endpoint.
 * @throws TransientError UpstreamUnavailable; TerminalError AuthFailed when the client itself is refused, UpstreamContract
 *   when the answer has a form this version does not know.
 */
export async function requestTokens(
  dependencies: TokenCallDependencies,
  client: Pick<Credential, 'clientId' | 'clientSecret'>,
  form: TokenForm,
): Promise<TokenAnswer> {
  const { transport, clock, meter, mallUrl } = dependencies;
  const sentAtMs = clock.nowMs();
  try {
    const answer = await transport.exchange(
      {
        method: 'POST',
        origin: mallUrl.origin,
        path: `${mallUrl.prefix}/api/v2/oauth/token`,
        headers: {
          authorization: `Basic ${Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')}`,
          'content-type': 'application/x-www-form-urlencoded',
          accept: 'application/json',
        },
        body: toQueryString(form),
        timeoutMs: TOKEN_CALL_TIMEOUT_MS,
      },
      NEVER_ABORTED,
    );
    meter.addCall(TOKEN_ENDPOINT, String(answer.status));
    return toTokenAnswer(answer, sentAtMs);
  } catch (thrown) {
    if (!(thrown instanceof HttpFailure)) throw thrown;
    meter.addCall(TOKEN_ENDPOINT, thrown.kind);
    throw toTransientError(thrown, TOKEN_ENDPOINT);
  }
}

function toTokenAnswer(answer: HttpAnswer, sentAtMs: number): TokenAnswer {
  if (answer.status === 200) return { kind: 'issued', pair: parsePair(answer.body, sentAtMs) };
  if (answer.status === 429) return { kind: 'limited', waitMs: toLimitWaitMs(answer) };
  if (answer.status >= 500) {
    throw new TransientError('UpstreamUnavailable', `Cafe24 answered ${answer.status} to ${TOKEN_ENDPOINT}`);
  }
  const error = readErrorBody(answer.body);
  if (saysAppIsGone(error)) return { kind: 'uninstalled' };
  if (error.code === 'invalid_grant') return { kind: 'invalid-grant' };
  if (answer.status === 401 || error.code === 'invalid_client') {
    throw new TerminalError(
      'AuthFailed',
      'Cafe24 refused the client id or secret of the app (401); correct them in the mall',
    );
  }
  throw new TerminalError(
    'UpstreamContract',
    `Cafe24 answered ${answer.status} to ${TOKEN_ENDPOINT} for no known reason`,
  );
}

function toLimitWaitMs(answer: HttpAnswer): number {
  const { remainSeconds } = readCallLimits(answer.headers);
  if (remainSeconds !== undefined) return (remainSeconds + 1) * 1_000;
  return readRetryAfterMs(answer) ?? UNKNOWN_LIMIT_WAIT_MS;
}

function parsePair(body: Buffer, sentAtMs: number): TokenPair {
  const parsed = tokenSchema.safeParse(parseJson(body));
  if (!parsed.success) {
    throw new TerminalError('UpstreamContract', `the answer of ${TOKEN_ENDPOINT} holds no token pair`);
  }
  const answer = parsed.data;
  const toExpiry = (text: string | undefined, lifetimeMs: number): number =>
    toExpiryMs(text, answer.issued_at, sentAtMs) ?? sentAtMs + lifetimeMs;
  return {
    accessToken: answer.access_token,
    accessExpiresAtMs: toExpiry(answer.expires_at, ACCESS_LIFETIME_MS),
    refreshToken: answer.refresh_token,
    refreshExpiresAtMs: toExpiry(answer.refresh_token_expires_at, REFRESH_LIFETIME_MS),
    scopes: answer.scopes,
  };
}

/** A body that is no JSON was cut on its way; the error of the parser is dropped, since it quotes the text. */
function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new TransientError('UpstreamUnavailable', `the answer of ${TOKEN_ENDPOINT} is not JSON`);
  }
}

/** A lifetime of Cafe24's clock counted from ours; only where it does not say when it issued the token, its clock counts. */
function toExpiryMs(expiresAt: string | undefined, issuedAt: string | undefined, sentAtMs: number): number | undefined {
  const expiresAtMs = parseTokenTime(expiresAt);
  if (expiresAtMs === undefined) return undefined;
  const issuedAtMs = parseTokenTime(issuedAt);
  return issuedAtMs === undefined ? expiresAtMs : sentAtMs + expiresAtMs - issuedAtMs;
}

const WITH_OFFSET = /(?:Z|[+-]\d{2}:?\d{2})$/i;

/** Token times carry milliseconds and no offset, and are Korean time. */
function parseTokenTime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const instantMs = Date.parse(WITH_OFFSET.test(text) ? text : `${text}+09:00`);
  return Number.isNaN(instantMs) ? undefined : instantMs;
}
