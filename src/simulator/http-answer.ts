import type { PageLoan } from './page-loans.ts';

/** What happens to the connection beside or instead of the answer. */
export type ConnectionFate = 'answer' | 'reset' | 'cut-body' | 'hang';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
  readonly fate: ConnectionFate;
  /** Called once the body is sent, or never will be. */
  readonly giveBack?: () => void;
}

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' };

export function buildJsonAnswer(status: number, body: unknown): HttpAnswer {
  return { status, headers: JSON_HEADERS, body: JSON.stringify(body), fate: 'answer' };
}

export function buildPageAnswer({ page, giveBack }: PageLoan): HttpAnswer {
  return { status: 200, headers: JSON_HEADERS, body: page, fate: 'answer', giveBack };
}

/** The Admin API's error envelope. */
export function buildApiError(
  status: number,
  message: string,
  moreInfo?: Readonly<Record<string, unknown>>,
): HttpAnswer {
  return buildJsonAnswer(status, {
    error: { code: status, message, ...(moreInfo === undefined ? {} : { more_info: moreInfo }) },
  });
}

/** The OAuth endpoints' flat error body. */
export function buildOauthError(status: number, error: string, description: string): HttpAnswer {
  return buildJsonAnswer(status, { error, error_description: description });
}

export function buildTextAnswer(status: number, contentType: string, body: string): HttpAnswer {
  return { status, headers: { 'content-type': contentType }, body, fate: 'answer' };
}

export function withFate(answer: HttpAnswer, fate: ConnectionFate): HttpAnswer {
  return { ...answer, fate };
}

export function withHeaders(answer: HttpAnswer, headers: Readonly<Record<string, string>>): HttpAnswer {
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

/** A refusal decided deep inside a handler, carried up to the place that answers. */
export class Refusal extends Error {
  readonly answer: HttpAnswer;

  constructor(answer: HttpAnswer) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
  }
}
