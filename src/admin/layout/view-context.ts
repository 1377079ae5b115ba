import type { Context } from 'hono';
import type { Clock } from '../../domain/clock.ts';
import type { AdminEnv, Role, Visitor } from '../env.ts';
import { mayActAs } from '../env.ts';
import type { Lang } from '../text/lang.ts';

/** What every view is drawn for. */
export interface ViewContext {
  readonly lang: Lang;
  readonly visitor: Visitor;
  readonly path: string;
  readonly url: URL;
  readonly nowMs: number;
}

export function toViewContext(c: Context<AdminEnv>, clock: Clock): ViewContext {
  const url = new URL(c.req.url);
  return { lang: c.get('lang'), visitor: c.get('visitor'), path: url.pathname, url, nowMs: clock.nowMs() };
}

/** For buttons that only some may press; the route itself refuses the others. */
export function mayVisitor(view: ViewContext, role: Role): boolean {
  return mayActAs(view.visitor.role, role);
}

/** The same address with some of its query replaced; null takes a value out. */
export function toLink(view: ViewContext, changes: Readonly<Record<string, string | null>>): string {
  const query = new URLSearchParams(view.url.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  return text === '' ? view.path : `${view.path}?${text}`;
}
