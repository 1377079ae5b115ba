import type { Context } from 'hono';
import { html } from 'hono/html';
import type { AdminEnv } from '../env.ts';
import { NOTHING } from '../layout/html.ts';
import type { Html } from '../layout/html.ts';
import { renderNotice } from '../layout/notice.ts';
import { renderPageHead } from '../layout/page-head.ts';
import { renderBarePage, renderPage } from '../layout/page.ts';
import { toViewContext } from '../layout/view-context.ts';
import type { Clock } from '../../domain/clock.ts';
import { isUnsafe } from '../security/forgery.ts';
import { isApiPath } from '../security/identify.ts';
import type { Problem } from './problem.ts';
import { PROBLEM_TEXT } from './text.ts';

/** The problem as JSON to the API's callers and as a page to everybody else. */
export async function answerProblem(c: Context<AdminEnv>, problem: Problem, clock: Clock): Promise<Response> {
  const { status, code, field, message, retryAfterSeconds } = problem;
  if (retryAfterSeconds !== undefined) c.header('Retry-After', String(retryAfterSeconds));
  c.header('Cache-Control', 'no-store');
  if (isApiPath(c.req.path)) {
    return c.json({ error: { code, ...(field === undefined ? {} : { field }), message } }, status);
  }
  return c.html(await renderProblem(c, problem, clock), status);
}

function renderProblem(c: Context<AdminEnv>, problem: Problem, clock: Clock): Html {
  const lang = c.get('lang');
  const text = PROBLEM_TEXT[lang];
  const { title, message, field, status } = problem;
  const named = field === undefined ? NOTHING : html`<strong>${text.field(field)}</strong>`;
  const body = html`${renderPageHead(title)} ${renderNotice(status >= 500 ? 'bad' : 'warn', html`${named}${message}`)}
    <p class="page-end"><a class="button" href="/runs">${text.back}</a></p>`;
  // what was sent by a form is not sent again by itself
  const mayRefresh = status === 503 && !isUnsafe(c.req.method);
  if (mayRefresh) return renderBarePage({ lang }, title, body, html`<meta http-equiv="refresh" content="5" />`);
  const visitor: unknown = c.get('visitor');
  if (visitor === undefined || status === 503) return renderBarePage({ lang }, title, body);
  return renderPage(toViewContext(c, clock), { title, nav: null, body });
}
