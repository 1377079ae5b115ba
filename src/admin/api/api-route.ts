import { createRoute, z, type RouteConfig } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import type { AdminEnv, Role } from '../env.ts';
import { allow } from '../security/allow.ts';
import { ERROR_STATUSES, toErrorReference } from './error-answers.ts';

/** Told once in the document, see error-answers.ts. */
const ERROR_RESPONSES = Object.fromEntries(
  ERROR_STATUSES.map((status) => [status, { $ref: toErrorReference(status) }] as const),
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
