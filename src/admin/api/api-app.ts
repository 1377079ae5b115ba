import { OpenAPIHono, type z } from '@hono/zod-openapi';
import { BadInput } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import type { AdminEnv } from '../env.ts';

/** The JSON API's routes, mounted under /api/v1; a path given to it begins behind that. */
export type ApiApp = OpenAPIHono<AdminEnv>;

/** Registers one feature's JSON routes. */
export type ApiMount = (api: ApiApp, context: AdminContext) => void;

/** What fails a route's schema is a BadInput that names the field, as on the pages. */
export function createApiApp(): ApiApp {
  return new OpenAPIHono<AdminEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      const [issue] = result.error.issues;
      // a body that is no object has no field to name
      const whole = result.target === 'json' ? 'body' : result.target;
      throw new BadInput({ field: findField(issue) ?? whole, message: issue?.message ?? 'cannot be read' });
    },
  });
}

function findField(issue: z.core.$ZodIssue | undefined): string | undefined {
  if (issue === undefined) return undefined;
  const keys = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const path = [...issue.path, ...keys].map(String).join('.');
  return path === '' ? undefined : path;
}
