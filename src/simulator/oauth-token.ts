import { createHash } from 'node:crypto';
import { buildReplacement, spoilAnswer } from './fault-answers.ts';
import { buildJsonAnswer, buildOauthError, type HttpAnswer } from './http-answer.ts';
import type { MallState } from './mall-state.ts';
import type { SimulatorCall } from './simulator-call.ts';
import { toTokenAnswer, type TokenGrant } from './token-store.ts';

const REQUEST_WINDOW_MS = 2 * 3_600_000;
const MOST_REQUESTS = 15;
const BLOCK_MS = 600_000;

/** Counts the request, and says whether it is one too many. */
function isOverRequestLimit(mall: MallState, nowMs: number): boolean {
  mall.tokenRequests = mall.tokenRequests.filter((time) => time > nowMs - REQUEST_WINDOW_MS);
  mall.tokenRequests.push(nowMs);
  if (!mall.behaviour.tokenLimit) return false;
  if (mall.tokenRequests.length > MOST_REQUESTS) mall.tokenBlockedUntilMs = nowMs + BLOCK_MS;
  return nowMs < mall.tokenBlockedUntilMs;
}

function isKnownClient(call: SimulatorCall): boolean {
  const { clientId, clientSecret } = call.mall.settings;
  const expected = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
  return call.headers.authorization === expected;
}

function toChallenge(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

function exchangeCode(mall: MallState, form: URLSearchParams, nowMs: number): TokenGrant | HttpAnswer {
  const code = form.get('code');
  const redirectUri = form.get('redirect_uri');
  if (code === null || redirectUri === null) {
    return buildOauthError(400, 'invalid_request', 'code and redirect_uri are required.');
  }
  const known = mall.codes.get(code);
  mall.codes.delete(code);
  const isGood =
    known !== undefined &&
    known.endsAtMs > nowMs &&
    known.redirectUri === redirectUri &&
    (known.challenge === undefined || known.challenge === toChallenge(form.get('code_verifier') ?? ''));
  return isGood ? mall.tokens.issue(nowMs, known.scopes) : buildOauthError(400, 'invalid_grant', 'Invalid code.');
}

function refresh(mall: MallState, form: URLSearchParams, nowMs: number): TokenGrant | HttpAnswer {
  const token = form.get('refresh_token');
  if (token === null || token === '') return buildOauthError(400, 'invalid_request', 'refresh_token is required.');
  return (
    mall.tokens.refresh(token, nowMs, mall.behaviour.oldTokenDiesOnRefresh) ??
    buildOauthError(400, 'invalid_grant', 'Invalid refresh_token.')
  );
}

function grantToken(call: SimulatorCall, form: URLSearchParams): HttpAnswer {
  const { mall } = call;
  const nowMs = call.clock.nowMs();
  if (isOverRequestLimit(mall, nowMs)) return buildOauthError(429, 'too_many_requests', 'Too many token requests.');
  if (!isKnownClient(call)) return buildOauthError(401, 'invalid_client', 'It is a wrong client_secret.');
  if (!mall.behaviour.installed) return buildOauthError(400, 'invalid_request', 'This is an uninstalled app.');
  const grantType = form.get('grant_type');
  if (grantType !== 'authorization_code' && grantType !== 'refresh_token') {
    return buildOauthError(400, 'unsupported_grant_type', 'grant_type is missing or unknown.');
  }
  const granted = grantType === 'refresh_token' ? refresh(mall, form, nowMs) : exchangeCode(mall, form, nowMs);
  if (!('accessToken' in granted)) return granted;
  return buildJsonAnswer(200, toTokenAnswer(granted, mall.settings.cafe24MallId, mall.settings.clientId));
}

export async function answerToken(call: SimulatorCall): Promise<HttpAnswer> {
  const { mall } = call;
  const form = new URLSearchParams(await call.readBody());
  const fault = mall.faults.take('token', 1);
  mall.stats.recordCall('token', call.clock.nowMs(), undefined, true);
  const replacement = fault === undefined ? undefined : buildReplacement(fault, true);
  const real = replacement ?? grantToken(call, form);
  const delayMs = mall.behaviour.latencyMs + (fault?.latencyMs ?? 0);
  if (delayMs > 0) await call.pause(delayMs);
  const answer = fault === undefined ? real : spoilAnswer(real, fault);
  if (answer.fate === 'answer') mall.stats.recordStatus('token', answer.status);
  else mall.stats.recordLost('token');
  return answer;
}
