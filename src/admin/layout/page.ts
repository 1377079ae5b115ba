import { html, raw } from 'hono/html';
import { renderCsrf } from './csrf.ts';
import type { Html } from './html.ts';
import { NOTHING } from './html.ts';
import { renderLanguages } from './languages.ts';
import { LAYOUT_TEXT } from './layout-text.ts';
import type { ViewContext } from './view-context.ts';
import { mayVisitor } from './view-context.ts';

export { toViewContext } from './view-context.ts';
export type { ViewContext } from './view-context.ts';

const NAV = ['now', 'runs', 'new', 'requests', 'malls', 'audit'] as const;

export type NavKey = (typeof NAV)[number];

export interface PageParts {
  readonly title: string;
  readonly nav: NavKey | null;
  readonly body: Html;
  /** An address of server-sent events that the page's script follows. */
  readonly live?: string;
}

const ROLE_TEXT = { viewer: 'roleViewer', operator: 'roleOperator', admin: 'roleAdmin' } as const;

/** A whole document: head, header with the navigation, and the page's own body. */
export function renderPage(view: ViewContext, page: PageParts): Html {
  const text = LAYOUT_TEXT[view.lang];
  return renderDocument(
    view,
    page.title,
    html` <a class="skip" href="#main">${text.skip}</a>
      <header class="bar">
        <a class="brand" href="/runs"><span class="brand-mark" aria-hidden="true"></span>mallsync</a>
        <nav class="nav" aria-label="${text.navigation}">${renderNav(view, page.nav)}</nav>
        <div class="bar-end">
          ${renderLanguages(view.lang, `${view.path}${view.url.search}`, view.visitor)}${renderVisitor(view)}
        </div>
      </header>
      <main id="main" class="page" tabindex="-1" ${page.live === undefined ? NOTHING : html`data-live="${page.live}"`}>
        ${page.body}
      </main>
      <footer class="foot"><p>${text.zone}</p></footer>`,
  );
}

/** A document without navigation, for whoever is not signed in. */
export function renderBarePage(view: Pick<ViewContext, 'lang'>, title: string, body: Html, head: Html = NOTHING): Html {
  return renderDocument(view, title, html`<main id="main" class="page page-bare">${body}</main>`, head);
}

/** A browser that knows `expect` draws nothing before the end is there: rows of fields would move while they fill. */
function renderDocument(view: Pick<ViewContext, 'lang'>, title: string, body: Html, head: Html = NOTHING): Html {
  return html`${raw('<!doctype html>')}
    <html lang="${view.lang}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · mallsync</title>
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/app.css" />
        <link rel="expect" href="#whole" blocking="render" />
        <script src="/assets/app.js" defer></script>
        ${head}
      </head>
      <body>
        ${body}
        <div id="whole" hidden></div>
      </body>
    </html>`;
}

function renderNav(view: ViewContext, current: NavKey | null): Html {
  const keys = NAV.filter((key) => key !== 'audit' || mayVisitor(view, 'operator'));
  const text = LAYOUT_TEXT[view.lang];
  return html`${keys.map(
    (key) => html`<a href="/${key}" ${key === current ? html`aria-current="page"` : NOTHING}>${text[key]}</a>`,
  )}`;
}

function renderVisitor(view: ViewContext): Html {
  const { visitor, lang } = view;
  const text = LAYOUT_TEXT[lang];
  return html`<span class="who"
      ><span class="who-name">${visitor.name}</span>
      <span class="who-role">${text[ROLE_TEXT[visitor.role]]}</span></span
    >${
      visitor.canSignOut
        ? html`<form method="post" action="/sign-out">
            ${renderCsrf(view)}<button class="button button-quiet">${text.signOut}</button>
          </form>`
        : NOTHING
    }`;
}
