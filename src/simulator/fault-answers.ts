import type { Fault } from './fault-schema.ts';
import {
  buildApiError,
  buildJsonAnswer,
  buildOauthError,
  buildTextAnswer,
  withFate,
  withHeaders,
  type HttpAnswer,
} from './http-answer.ts';

type Kind = Fault['kind'];

const HTML =
  '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><h1>502 Bad Gateway</h1></body>\r\n</html>\r\n';

/** Answers that stand in for the real one and never reach the data. */
const REPLACEMENTS: Partial<Readonly<Record<Kind, (isOauth: boolean) => HttpAnswer>>> = {
  'bucket-429': () => withHeaders(buildApiError(429, 'Too Many Requests'), { 'x-api-call-limit': '40/40' }),
  'expired-401': () => buildApiError(401, 'access_token time expired. (invalid_token)', {}),
  'invalid-401': (isOauth) =>
    isOauth
      ? buildOauthError(401, 'invalid_client', 'It is a wrong client_secret.')
      : buildApiError(401, 'Invalid access_token'),
  'scope-403': () => buildApiError(403, 'No permission: the scope was not granted.'),
  uninstalled: (isOauth) =>
    isOauth
      ? buildOauthError(400, 'invalid_request', 'This is an uninstalled app.')
      : buildApiError(403, 'The app has been deleted from the mall. Ask the operator for consent again.'),
  'not-approved-403': () => buildApiError(403, 'Invalid API'),
  'not-found-404': () => buildApiError(404, 'No API found.'),
  'invalid-422': () => buildApiError(422, '[Limit] should be between 1 and 1000. (parameter.limit)'),
  'error-500': () => buildApiError(500, 'Internal Server Error', {}),
  'html-502': () => buildTextAnswer(502, 'text/html', HTML),
  'text-503': () => buildTextAnswer(503, 'text/plain', 'Service Temporarily Unavailable'),
  'delayed-504': () => buildApiError(504, 'Gateway Timeout'),
  reset: () => withFate(buildJsonAnswer(200, {}), 'reset'),
  hang: () => withFate(buildJsonAnswer(200, {}), 'hang'),
  'wrong-shape': () => buildJsonAnswer(200, { result: { rows: 'none of the documented keys' } }),
};

/** Undefined for faults that need the real answer first. */
export function buildReplacement(fault: Fault, isOauth: boolean): HttpAnswer | undefined {
  return REPLACEMENTS[fault.kind]?.(isOauth);
}

function shiftCount(answer: HttpAnswer, delta: number): HttpAnswer {
  const [, count] = /^\{"count":(\d+)\}$/.exec(answer.body.toString()) ?? [];
  return count === undefined ? answer : buildJsonAnswer(answer.status, { count: Math.max(0, Number(count) + delta) });
}

function truncate(answer: HttpAnswer): HttpAnswer {
  const whole = Buffer.from(answer.body);
  return { ...answer, body: whole.subarray(0, Math.floor(whole.length / 2)) };
}

const SPOILERS: Partial<Readonly<Record<Kind, (answer: HttpAnswer, fault: Fault) => HttpAnswer>>> = {
  'answer-lost': (answer) => withFate(answer, 'reset'),
  'cut-body': (answer) => withFate(answer, 'cut-body'),
  'truncated-json': truncate,
  'count-off': (answer, { delta }) => (answer.status === 200 ? shiftCount(answer, delta) : answer),
};

/** What a fault makes of the real answer. */
export function spoilAnswer(answer: HttpAnswer, fault: Fault): HttpAnswer {
  return SPOILERS[fault.kind]?.(answer, fault) ?? answer;
}
