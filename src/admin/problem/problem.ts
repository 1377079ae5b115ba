import { HTTPException } from 'hono/http-exception';
import { sqlStateOf } from '../../adapters/postgres/errors.ts';
import { toSyncError } from '../../domain/errors.ts';
import { BadInput, NotFound } from '../bad-input.ts';
import { Unknown } from '../security/access.ts';
import { ForgedRequest } from '../security/forgery.ts';
import { Refused } from '../security/refused.ts';
import { TooManyTries } from '../security/too-many-tries.ts';
import type { Lang } from '../text/lang.ts';
import { LAYOUT_TEXT } from '../layout/layout-text.ts';
import { PROBLEM_TEXT } from './text.ts';

/** What went wrong, as the visitor is told of it. */
export interface Problem {
  readonly status: 400 | 401 | 403 | 404 | 413 | 429 | 500 | 503;
  /** The API's word for it. */
  readonly code: string;
  readonly title: string;
  readonly message: string;
  readonly field?: string;
  readonly retryAfterSeconds?: number;
}

const RETRY_SECONDS = 5;
const ROLE_WORDS = { viewer: 'roleViewer', operator: 'roleOperator', admin: 'roleAdmin' } as const;

/** An error of any part of the page. What is nobody's fault but ours says no more than the request's id. */
export function toProblem(error: unknown, lang: Lang, requestId: string): Problem {
  return toVisitorProblem(error, lang) ?? toServerProblem(error, lang, requestId);
}

export function toNotFoundProblem(lang: Lang): Problem {
  const text = PROBLEM_TEXT[lang];
  return { status: 404, code: 'not_found', title: text.notFound, message: text.notFoundWhat };
}

function toVisitorProblem(error: unknown, lang: Lang): Problem | null {
  const text = PROBLEM_TEXT[lang];
  if (error instanceof BadInput) {
    return { status: 400, code: 'bad_input', title: text.badInput, message: error.message, field: error.field };
  }
  if (error instanceof NotFound) return { ...toNotFoundProblem(lang), message: error.message };
  if (error instanceof Unknown) {
    return { status: 401, code: 'unauthorized', title: text.refused, message: error.message };
  }
  if (error instanceof Refused) {
    const role = LAYOUT_TEXT[lang][ROLE_WORDS[error.needed]];
    return { status: 403, code: 'forbidden', title: text.refused, message: text.refusedWhat(role) };
  }
  if (error instanceof ForgedRequest) {
    return { status: 403, code: 'forged', title: text.forged, message: text.forgedWhat };
  }
  if (error instanceof TooManyTries) {
    const { waitSeconds } = error;
    const message = text.tooManyWhat(waitSeconds);
    return { status: 429, code: 'too_many_tries', title: text.tooMany, message, retryAfterSeconds: waitSeconds };
  }
  return error instanceof HTTPException ? toHttpProblem(error, lang) : null;
}

function toHttpProblem(error: HTTPException, lang: Lang): Problem | null {
  const text = PROBLEM_TEXT[lang];
  if (error.status === 413) {
    return { status: 413, code: 'too_large', title: text.tooLarge, message: text.tooLargeWhat };
  }
  if (error.status === 404) return toNotFoundProblem(lang);
  if (error.status < 400 || error.status >= 500) return null;
  return { status: 400, code: 'bad_input', title: text.badInput, message: error.message, field: 'body' };
}

function toServerProblem(error: unknown, lang: Lang, requestId: string): Problem {
  const text = PROBLEM_TEXT[lang];
  const { reason, message } = toSyncError(error);
  const sqlState = sqlStateOf(error);
  // a password, right or schema of the database that is wrong is as good as no database
  if (reason === 'DatabaseUnavailable' || (reason === 'ConfigInvalid' && sqlState !== undefined)) {
    return {
      status: 503,
      code: 'database_unavailable',
      title: text.unavailable,
      message: text.unavailableWhat,
      retryAfterSeconds: RETRY_SECONDS,
    };
  }
  if (reason === 'ConfigInvalid') {
    return { status: 400, code: 'bad_input', title: text.badInput, message, field: 'request' };
  }
  return { status: 500, code: 'internal', title: text.defect, message: text.defectWhat(requestId) };
}
