import { OpenAPIHono } from '@hono/zod-openapi';
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
      const path = issue?.path.map(String).join('.') ?? '';
      // a body that is no object has no field to name
      throw new BadInput({ field: path === '' ? result.target : path, message: issue?.message ?? 'cannot be read' });
    },
  });
}
