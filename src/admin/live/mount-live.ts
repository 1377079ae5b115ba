import { ServerResponse } from 'node:http';
import type { Context } from 'hono';
import type { AdminContext } from '../context.ts';
import type { AdminApp, AdminEnv, Role, Visitor } from '../env.ts';
import type { ViewContext } from '../layout/view-context.ts';
import { allow } from '../security/allow.ts';
import type { LivePicture } from './channel.ts';
import { liveHubOf } from './hub.ts';
import type { Face, LoadPicture } from './poller.ts';

const EVENTS = '/events';

export interface LivePage<Subject, Data> {
  /** Ends in /events; the page's own address is what stands before it. */
  readonly path: `${string}/events`;
  readonly role: Role;
  /** What the address names, checked; pages with the same subject are read once for all. */
  readonly parse: (c: Context<AdminEnv>) => Subject;
  /** Called when the first viewer comes; the loader it gives is called once a second until the last has gone. */
  readonly open: (subject: Subject) => () => Promise<Data>;
  /** Draws for a language and a role. `view` has no CSRF token: what is live holds links, not forms. */
  readonly render: (view: ViewContext, data: Data) => LivePicture;
}

/** Serves the server-sent events that a page names as its `live` address. */
export function mountLive<Subject, Data>(
  app: AdminApp,
  context: AdminContext,
  { path, role, parse, open, render }: LivePage<Subject, Data>,
): void {
  app.get(path, allow(role), async (c) => {
    const subject = parse(c);
    const { lang, visitor } = c.var;
    const url = new URL(c.req.url);
    url.pathname = url.pathname.slice(0, -EVENTS.length);
    // the subject says all; what else stands in one viewer's address is not the others'
    url.search = '';
    const openPicture = (): LoadPicture => {
      const load = open(subject);
      return async () => {
        const data = await load();
        return (face) => render(toSharedView(face, url, context.clock.nowMs()), data);
      };
    };
    const cut = (): void => void findOutgoing(c)?.destroy();
    const viewer = { face: { lang, role: visitor.role }, session: visitor.csrfToken, cut };
    const key = `${path} ${JSON.stringify(subject)}`;
    const stream = await liveHubOf(context).follow(key, openPicture, viewer);
    if (stream === null) return c.text('too many pages are followed', 503, { 'Retry-After': '30' });
    return c.body(stream, 200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      // nginx would otherwise hold the events back
      'X-Accel-Buffering': 'no',
    });
  });
}

/** What node:http answers with; the app may be asked without a server, too, and then there is nothing to break. */
function findOutgoing(c: Context<AdminEnv>): ServerResponse | undefined {
  const bindings: unknown = c.env;
  if (typeof bindings !== 'object' || bindings === null || !('outgoing' in bindings)) return undefined;
  return bindings.outgoing instanceof ServerResponse ? bindings.outgoing : undefined;
}

function toSharedView({ lang, role }: Face, url: URL, nowMs: number): ViewContext {
  const visitor: Visitor = { name: '', role, source: '', csrfToken: '', canSignOut: false };
  return { lang, visitor, path: url.pathname, url, nowMs };
}
