import type { Hono } from 'hono';
import type { Lang } from './text/lang.ts';

export const ROLES = ['viewer', 'operator', 'admin'] as const;
/** Each may do what the one before may. */
export type Role = (typeof ROLES)[number];

export function mayActAs(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** Who asks: signed in, named by a proxy, or the one person at this computer. */
export interface Visitor {
  readonly name: string;
  readonly role: Role;
  /** The address that the audit log keeps. */
  readonly source: string;
  /** Goes into every form, see renderCsrf. */
  readonly csrfToken: string;
  /** Whether there is a session that signing out ends. */
  readonly canSignOut: boolean;
}

export interface AdminEnv {
  Variables: {
    visitor: Visitor;
    lang: Lang;
    requestId: string;
  };
}

export type AdminApp = Hono<AdminEnv>;
