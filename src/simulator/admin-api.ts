import type { EndpointCall } from './endpoint-call.ts';
import { ENDPOINT_RULES, matchEndpoint, type EndpointRule, type MatchedEndpoint } from './endpoint-table.ts';
import { buildReplacement, spoilAnswer } from './fault-answers.ts';
import type { Fault } from './fault-schema.ts';
import { buildApiError, Refusal, withHeaders, type HttpAnswer } from './http-answer.ts';
import type { MallState } from './mall-state.ts';
import type { SimulatorCall } from './simulator-call.ts';

const MOST_CALLS_A_SECOND = 10;
const SUPPORTED_VERSIONS = ['2025-06-01', '2025-09-01', '2025-12-01', '2026-03-01', '2026-06-01'];

/** The version that really applies: an unknown or expired one falls back to the oldest still supported. */
function toEffectiveVersion(asked: string | undefined): string {
  return asked !== undefined && SUPPORTED_VERSIONS.includes(asked) ? asked : (SUPPORTED_VERSIONS[0] ?? '');
}

interface Admission {
  readonly headers: Readonly<Record<string, string>>;
  readonly refusal: HttpAnswer | undefined;
}

/** Counts the call against every limit of the mall. */
function admit(call: SimulatorCall, matched: MatchedEndpoint, rule: EndpointRule, nowMs: number): Admission {
  const { mall } = call;
  const { rateLimit, addressLimit } = mall.behaviour;
  const usage = mall.quota.take(nowMs, mall.behaviour);
  const perAddress = mall.callsByAddress.add(call.remoteAddress, nowMs);
  mall.calls.add('', nowMs);
  const isTooFast = rateLimit && addressLimit && perAddress >= MOST_CALLS_A_SECOND;
  const isRefusedBefore = usage.isBlocked || isTooFast;
  const bucket =
    rateLimit && !isRefusedBefore
      ? mall.bucket(matched.endpoint, rule.bucketSize).take(nowMs)
      : { used: isRefusedBefore ? rule.bucketSize : 1, size: rule.bucketSize, isOverflowing: false };
  const isRefused = isRefusedBefore || bucket.isOverflowing;
  mall.stats.recordCall(matched.endpoint, nowMs, rule.bucketSize, !isRefused);
  return {
    headers: {
      ...usage.headers,
      'x-api-call-limit': `${bucket.used}/${bucket.size}`,
      'x-simulator-api-version': toEffectiveVersion(call.headers['x-cafe24-api-version']?.toString()),
    },
    refusal: isRefused ? buildApiError(429, 'Too Many Requests') : undefined,
  };
}

function refuseStranger(call: SimulatorCall, rule: EndpointRule, nowMs: number): HttpAnswer | undefined {
  const { mall } = call;
  const contentType = call.headers['content-type'];
  if (contentType !== undefined && !contentType.startsWith('application/json')) {
    return buildApiError(400, 'Content-Type should be application/json.');
  }
  const [, token] = /^Bearer (.+)$/.exec(call.headers.authorization ?? '') ?? [];
  if (token === undefined) return buildApiError(401, 'Invalid access_token');
  if (!mall.behaviour.installed) {
    return buildApiError(403, 'The app has been deleted from the mall. Ask the operator for consent again.');
  }
  const access = mall.tokens.check(token, nowMs);
  if (access.state === 'expired') return buildApiError(401, 'access_token time expired. (invalid_token)', {});
  if (access.state === 'unknown') return buildApiError(401, 'Invalid access_token', {});
  if (!access.scopes.includes(rule.scope)) return buildApiError(403, `No permission: ${rule.scope} was not granted.`);
  if (rule.isForApprovedOnly && !mall.behaviour.statisticsApproved) return buildApiError(403, 'Invalid API');
  return undefined;
}

function runEndpoint(rule: EndpointRule, call: EndpointCall): HttpAnswer {
  try {
    return rule.run(call);
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}

/** Simulated processing time: a constant and a part that grows with the answer. */
function toProcessingMs(answer: HttpAnswer): number {
  return 15 + answer.body.length / 20_000;
}

function answerThroughFault(
  call: SimulatorCall,
  matched: MatchedEndpoint,
  rule: EndpointRule,
  fault: Fault | undefined,
): HttpAnswer {
  const nowMs = call.clock.nowMs();
  const replacement = fault === undefined ? undefined : buildReplacement(fault, false);
  if (replacement !== undefined) return replacement;
  const stranger = refuseStranger(call, rule, nowMs);
  if (stranger !== undefined) return stranger;
  const { mall, query } = call;
  const answer = runEndpoint(rule, { mall, query, id: matched.id, address: call.address, nowMs });
  mall.quota.addProcessing(toProcessingMs(answer));
  return fault === undefined ? answer : spoilAnswer(answer, fault);
}

function toShopNo(query: URLSearchParams): number {
  return Number(query.get('shop_no') ?? 1);
}

function toDelayMs(mall: MallState, fault: Fault | undefined): number {
  return mall.behaviour.latencyMs + (fault?.latencyMs ?? 0);
}

/** `path` is what follows `/api/v2/admin/`. */
export async function answerAdmin(call: SimulatorCall, path: string): Promise<HttpAnswer> {
  const matched = matchEndpoint(path);
  if (matched === undefined) return buildApiError(404, 'No API found.');
  if (call.method !== 'GET') return buildApiError(404, 'The simulator is read-only.');
  const { mall } = call;
  const rule = ENDPOINT_RULES[matched.endpoint];
  mall.applyDueEdits(matched.endpoint);
  const fault = mall.faults.take(matched.endpoint, toShopNo(call.query));
  if (fault?.kind === 'usage-429') mall.quota.block(call.clock.nowMs(), fault.remainSeconds);
  const { headers, refusal } = admit(call, matched, rule, call.clock.nowMs());
  const delayMs = toDelayMs(mall, fault);
  if (delayMs > 0) await call.pause(delayMs);
  const answer = refusal ?? answerThroughFault(call, matched, rule, fault);
  if (answer.fate === 'answer') mall.stats.recordStatus(matched.endpoint, answer.status);
  else mall.stats.recordLost(matched.endpoint);
  return withHeaders(answer, { ...headers, ...answer.headers });
}
