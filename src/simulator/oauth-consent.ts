import { randomBytes } from 'node:crypto';
import { buildApiError, buildOauthError, buildTextAnswer, withHeaders, type HttpAnswer } from './http-answer.ts';
import { ALL_SCOPES } from './mall.ts';
import type { SimulatorCall } from './simulator-call.ts';

const CODE_MS = 60_000;

function redirect(target: string, parameters: Readonly<Record<string, string>>): HttpAnswer {
  const url = new URL(target);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return withHeaders(buildTextAnswer(302, 'text/plain', ''), { location: url.href });
}

function findFault(query: URLSearchParams, clientId: string, scopes: readonly string[]): string | undefined {
  if (query.get('client_id') !== clientId) return 'invalid_request';
  if (query.get('response_type') !== 'code') return 'unsupported_response_type';
  return scopes.length === 0 || scopes.some((scope) => !ALL_SCOPES.includes(scope)) ? 'invalid_scope' : undefined;
}

/** The operator's consent, given at once: redirects back with a code that lives one minute and works once. */
export function answerAuthorize(call: SimulatorCall): HttpAnswer {
  const { mall, query } = call;
  const redirectUri = query.get('redirect_uri') ?? '';
  const state = query.get('state') ?? '';
  if (!URL.canParse(redirectUri)) return buildOauthError(400, 'invalid_request', 'redirect_uri is not valid.');
  const scopes = (query.get('scope') ?? '').split(/[ ,]+/).filter((scope) => scope !== '');
  const error = findFault(query, mall.settings.clientId, scopes);
  const nowMs = call.clock.nowMs();
  const code = randomBytes(16).toString('base64url');
  if (error !== undefined) return redirect(redirectUri, { error, state, trace_id: code });
  const challenge = query.get('code_challenge') ?? undefined;
  mall.codes.set(code, { redirectUri, endsAtMs: nowMs + CODE_MS, scopes, challenge });
  mall.behaviour = { ...mall.behaviour, installed: true };
  return redirect(redirectUri, { code, state });
}

export async function answerRevoke(call: SimulatorCall): Promise<HttpAnswer> {
  const token = new URLSearchParams(await call.readBody()).get('token');
  if (token === null) return buildApiError(400, 'token is required.');
  call.mall.tokens.revoke(token);
  return buildTextAnswer(200, 'text/plain', '');
}
