import { html } from 'hono/html';
import { renderCsrf } from '../layout/csrf.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { renderNotice } from '../layout/notice.ts';
import { toNumberText } from '../layout/number.ts';
import { renderPageHead } from '../layout/page-head.ts';
import type { ViewContext } from '../layout/page.ts';
import { renderPage } from '../layout/page.ts';
import { renderPanel } from '../layout/panel.ts';
import type { Preview } from '../rerun/load.ts';
import { renderPreview } from '../rerun/plan-view.ts';
import { renderForm } from './form-view.ts';
import type { NewRunPage } from './load.ts';
import { buildManifest } from './manifest.ts';
import { NEW_RUN_TEXT } from './text.ts';
import type { NewRunWish } from './wish.ts';

/** @param key of the click, where the page ends in a button that starts it */
export function renderNewRun(view: ViewContext, page: NewRunPage, key: string): Html {
  const text = NEW_RUN_TEXT[view.lang];
  const { judged, preview } = page;
  const wish = judged?.wish ?? null;
  return renderPage(view, {
    title: text.title,
    nav: 'new',
    body: html`${renderPageHead(text.title, { intro: text.intro })}
    ${judged !== null && wish === null ? renderNotice('bad', text.faultIntro) : NOTHING}
    ${wish === null || preview === null ? renderForm(view, page) : renderOutcome(view, page, wish, preview, key)}`,
  });
}

/** What would happen; the form that it came from is folded away below. */
function renderOutcome(view: ViewContext, page: NewRunPage, wish: NewRunWish, preview: Preview, key: string): Html {
  const text = NEW_RUN_TEXT[view.lang];
  const { start } = preview.plan.counts;
  const act = start === 0 ? renderNotice('idle', text.nothing) : renderConfirm(view, wish, start, key);
  return html`${renderPreview(view, preview, act)} ${renderYaml(view, wish)}
    <details class="panel">
      <summary>${text.change}</summary>
      ${renderForm(view, page)}
    </details>`;
}

function renderConfirm(view: ViewContext, wish: NewRunWish, start: number, key: string): Html {
  const fields = {
    key,
    domainType: wish.domainType,
    start: wish.startDate,
    end: wish.endDate,
    pageSize: String(wish.pageSize),
    mallId: wish.mallIds.join(','),
    reprocess: wish.reprocess ? '1' : '',
    reason: wish.reason,
  };
  return html`<form class="form" method="post" action="/new">
    ${renderCsrf(view)}
    ${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
    <div class="form-end">
      <button class="button button-primary">${NEW_RUN_TEXT[view.lang].confirm(start, toNumberText(start))}</button>
    </div>
  </form>`;
}

function renderYaml(view: ViewContext, wish: NewRunWish): Html {
  const text = NEW_RUN_TEXT[view.lang];
  const manifest = buildManifest(wish, view.visitor.name);
  return renderPanel(
    text.yaml,
    html`<p class="muted">${text.yamlHint} ${wish.scope === 'chosen' ? NOTHING : text.yamlActive}</p>
      <pre class="code" data-copy="${text.copy}" tabindex="0" aria-label="${text.yaml}">${manifest}</pre>`,
  );
}
