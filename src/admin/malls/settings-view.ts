import { html } from 'hono/html';
import type { MallFacts } from './load.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { renderTime } from '../layout/time.ts';
import type { ViewContext } from '../layout/view-context.ts';
import { DOMAIN_WORDS } from '../text/words.ts';
import { DETAIL_TEXT } from './detail-text.ts';

export function renderSettings(view: ViewContext, { board, listing }: MallFacts): Html {
  const text = DETAIL_TEXT[view.lang];
  const more = Object.keys(listing.settings).length === 0 ? null : JSON.stringify(listing.settings, null, 2);
  const facts: readonly (readonly [string, Html | string])[] = [
    [text.number, String(board.mallId)],
    [text.cafe24MallId, board.cafe24MallId],
    [text.domains, board.domainTypes.map((each) => DOMAIN_WORDS[view.lang][each]).join(', ')],
    [text.shops, listing.shopNos?.join(', ') ?? text.allShops],
    [text.labels, renderLabels(board.labels, text.none)],
    [text.created, renderTime(board.createdAtMs, view)],
  ];
  return html`<dl class="details-list">
      ${facts.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
    ${more === null ? NOTHING : renderMore(text.more, more)}`;
}

function renderMore(title: string, json: string): Html {
  return html`<details>
    <summary>${title}</summary>
    <pre class="code" tabindex="0">${json}</pre>
  </details>`;
}

/** Each leads to the malls that share it. */
function renderLabels(labels: Readonly<Record<string, string>>, none: string): Html {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  if (pairs.length === 0) return html`<span class="none">${none}</span>`;
  return html`${pairs.map(
    (pair) => html`<a class="label-link" href="/malls?label=${encodeURIComponent(pair)}">${pair}</a> `,
  )}`;
}
