import type { AdminApp, Role } from '../../src/admin/env.ts';
import { roleOf } from '../../src/admin/security/allow.ts';

export interface PageRoute {
  readonly method: string;
  readonly path: string;
  /** Undefined: open to all. */
  readonly role: Role | undefined;
}

/** Everything that the page answers, each method and address once. */
export function listRoutes(app: AdminApp): readonly PageRoute[] {
  const routes = new Map<string, PageRoute>();
  for (const { method, path, handler } of app.routes) {
    if (method === 'ALL') continue;
    const key = `${method} ${path}`;
    const role = roleOf(handler) ?? routes.get(key)?.role;
    routes.set(key, { method, path, role });
  }
  return [...routes.values()];
}

/** The address with something in place of its parameters. */
export function fillPath(path: string, value = '1'): string {
  return path.replaceAll(/:[A-Za-z]+(\{[^}]*\})?\??/g, value).replaceAll('*', value);
}

export function isUnsafe({ method }: Pick<PageRoute, 'method'>): boolean {
  return method !== 'GET' && method !== 'HEAD';
}
