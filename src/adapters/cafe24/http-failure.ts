import { TransientError } from '../../domain/errors.ts';

/** What went wrong where there was no complete answer; also the `code` that the call meter is told. */
export type HttpFailureKind = 'connect' | 'timeout' | 'reset' | 'truncated' | 'too-large' | 'network' | 'aborted';

const KIND_OF_CODE: Readonly<Record<string, HttpFailureKind>> = {
  ECONNREFUSED: 'connect',
  ENOTFOUND: 'connect',
  EAI_AGAIN: 'connect',
  EHOSTUNREACH: 'connect',
  ENETUNREACH: 'connect',
  UND_ERR_CONNECT_TIMEOUT: 'connect',
  ETIMEDOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'truncated',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'too-large',
};

/** A call that brought no complete answer. Never leaves this folder: `toTransientError` says it in our vocabulary. */
export class HttpFailure extends Error {
  readonly kind: HttpFailureKind;

  constructor(kind: HttpFailureKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
    this.name = 'HttpFailure';
  }

  static of(thrown: unknown): HttpFailure {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
    return new HttpFailure(KIND_OF_CODE[code] ?? 'network', code === '' ? 'no answer' : code, { cause: thrown });
  }
}

const MEANING: Readonly<Record<HttpFailureKind, string>> = {
  connect: 'could not be reached',
  timeout: 'did not answer in time',
  reset: 'closed the connection before the answer was complete',
  truncated: 'sent less than it had announced',
  'too-large': 'sent more than this program takes in one answer',
  network: 'could not be talked to',
  aborted: 'was not waited for',
};

export function toTransientError(failure: HttpFailure, endpoint: string): TransientError {
  return new TransientError(
    'UpstreamUnavailable',
    `Cafe24 ${MEANING[failure.kind]} (${endpoint}: ${failure.message})`,
    {
      cause: failure,
      maySucceedSmaller: failure.kind === 'timeout' || failure.kind === 'too-large',
    },
  );
}
