import type { MiddlewareHandler } from 'hono';
import type { AdminEnv, Role } from '../env.ts';
import { mayActAs } from '../env.ts';
import { Refused } from './refused.ts';

const NEEDED = new WeakMap<object, Role>();

/** The least role that a route serves. Each route begins with one; a route without it is refused by the tests. */
export function allow(role: Role): MiddlewareHandler<AdminEnv> {
  const handler: MiddlewareHandler<AdminEnv> = async (c, next) => {
    if (!mayActAs(c.get('visitor').role, role)) throw new Refused(role);
    await next();
  };
  NEEDED.set(handler, role);
  return handler;
}

/** The role of a middleware that `allow` made. */
export function roleOf(handler: object): Role | undefined {
  return NEEDED.get(handler);
}
