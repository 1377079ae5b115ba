import { createRoute, z, type RouteConfig } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import type { AdminEnv, Role } from '../env.ts';
import { allow } from '../security/allow.ts';

/** One failure: `code` for programs, `message` for people, `field` where one input is at fault. */
export const apiError = z
  .object({
    error: z.object({
      code: z.string().openapi({ example: 'bad_input' }),
      field: z.string().optional().openapi({ example: 'startDate' }),
      message: z.string(),
    }),
  })
  .openapi('Error');

const ERRORS = {
  400: 'A value is missing or wrong; `field` names it.',
  401: 'Nobody is signed in.',
  403: 'The role does not allow it, or the CSRF token is missing.',
  404: 'There is no such thing.',
  413: 'The body is too large.',
  429: 'Too many tries; wait for as long as Retry-After says.',
  500: 'A defect; the log says more under the request id that the message names.',
  503: 'The database does not answer; Retry-After says when to ask again.',
} as const;

const ERROR_RESPONSES = Object.fromEntries(
  Object.entries(ERRORS).map(([status, description]) => [status, json(apiError, description)]),
);

/** Every act carries it: the same key again is the same act, and answers what the first one did. */
export const idempotencyHeaders = z.object({
  'idempotency-key': z
    .string()
    .min(8)
    .max(100)
    .regex(/^[\w.:-]+$/, 'letters, digits and . _ : - only')
    .openapi({ example: '7f8d2c6e-3b6c-4d7a-9a55-0a3c1f2e9b10' }),
});

const keepNowhere: MiddlewareHandler<AdminEnv> = async (c, next) => {
  c.header('Cache-Control', 'no-store');
  await next();
};

interface ApiRoute<M, P, Q, A> {
  readonly method: M;
  /** Behind /api/v1, parameters as `{name}`. */
  readonly path: P;
  readonly role: Role;
  readonly summary: string;
  readonly description?: string;
  /** The page whose twin this is, e.g. `Runs`. */
  readonly tags: string[];
  readonly request: Q;
  /** The answers that the handler gives itself. */
  readonly responses: A;
}

/**
 * A route with its role, held by `allow` and told in the document as `x-role`, and the failures that any route may
 * answer: handlers throw them, the app's error handler writes them.
 */
export function apiRoute<
  M extends RouteConfig['method'],
  P extends string,
  Q extends NonNullable<RouteConfig['request']>,
  A extends RouteConfig['responses'],
>({ role, ...route }: ApiRoute<M, P, Q, A>) {
  const responses: A = { ...ERROR_RESPONSES, ...route.responses };
  return createRoute({
    ...route,
    'x-role': role,
    security: [{ basic: [] }, { session: [] }],
    middleware: [allow(role), keepNowhere],
    responses,
  });
}

/** A JSON answer or body of that schema. */
export function json<S extends z.ZodType>(schema: S, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** A required JSON body of that schema. */
export function jsonBody<S extends z.ZodType>(schema: S) {
  return { required: true as const, content: { 'application/json': { schema } } };
}
