import { z } from '@hono/zod-openapi';
import type { ApiApp } from './api-app.ts';

/** One failure: `code` for programs, `message` for people, `field` where one input is at fault. */
const apiError = z
  .object({
    error: z.object({
      code: z.string().openapi({ example: 'bad_input' }),
      field: z.string().optional().openapi({ example: 'startDate' }),
      message: z.string(),
    }),
  })
  .openapi('Error');

/** What any route may answer, whatever it does itself. */
const ERRORS = {
  400: ['BadInput', 'A value is missing or wrong; `field` names it.'],
  401: ['NobodySignedIn', 'Nobody is signed in.'],
  403: ['Refused', 'The role does not allow it, or the CSRF token is missing.'],
  404: ['NotFound', 'There is no such thing.'],
  413: ['TooLarge', 'The body is too large.'],
  429: ['TooManyTries', 'Wait for as long as Retry-After says.'],
  500: ['Defect', 'A defect; the log says more under the request id that the message names.'],
  503: ['DatabaseUnavailable', 'The database does not answer; Retry-After says when to ask again.'],
} as const;

type ErrorStatus = keyof typeof ERRORS;

export const ERROR_STATUSES: readonly ErrorStatus[] = [400, 401, 403, 404, 413, 429, 500, 503];

export function toErrorReference(status: ErrorStatus): string {
  return `#/components/responses/${ERRORS[status][0]}`;
}

/** Puts the failures into the document, where every route refers to them. */
export function registerErrorAnswers({ openAPIRegistry }: ApiApp): void {
  openAPIRegistry.register('Error', apiError);
  const schema = { $ref: '#/components/schemas/Error' };
  for (const status of ERROR_STATUSES) {
    const [name, description] = ERRORS[status];
    openAPIRegistry.registerComponent('responses', name, { description, content: { 'application/json': { schema } } });
  }
}
