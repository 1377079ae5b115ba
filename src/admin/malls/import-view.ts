import { html } from 'hono/html';
import type { ImportFault } from '../../adapters/postgres/mall-import-fault.ts';
import type { PreviewedMall } from '../../adapters/postgres/mall-import-store.ts';
import { renderCsrf } from '../layout/csrf.ts';
import { renderArea, renderChoices } from '../layout/field.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { renderNotice } from '../layout/notice.ts';
import { toNumberText } from '../layout/number.ts';
import { renderPageHead } from '../layout/page-head.ts';
import { renderBadge, type Tone } from '../layout/status.ts';
import { renderTable } from '../layout/table.ts';
import { renderTiles } from '../layout/tiles.ts';
import type { ViewContext } from '../layout/view-context.ts';
import { toFaultText } from './fault-text.ts';
import { FORM_TEXT } from './form-text.ts';
import { MALLS_TEXT } from './text.ts';

const MOST_SHOWN = 200;

/** The list is typed anew after a fault: it holds secrets, which no page gives back. */
export function renderImportForm(view: ViewContext, trouble: Html = NOTHING): Html {
  const text = FORM_TEXT[view.lang];
  return html`${renderPageHead(text.import, {
      intro: text.importIntro,
      up: { href: '/malls', label: MALLS_TEXT[view.lang].title },
    })}
    ${trouble}
    <form class="form mall-form" method="post" action="/malls/import" enctype="multipart/form-data" autocomplete="off">
      ${renderCsrf(view)} ${renderArea({ name: 'content', label: text.content, hint: text.contentHint, rows: 12 })}
      <div class="field">
        <label for="field-file">${text.file}</label>
        <input class="input" id="field-file" name="file" type="file" accept=".json,application/json" />
      </div>
      ${renderChoices({
        name: 'force',
        legend: text.force,
        type: 'checkbox',
        choices: [{ value: '1', label: text.forceChoice }],
        values: [],
      })}
      <div class="actions">
        <button class="button button-primary">${text.preview}</button>
        <a class="button button-quiet" href="/malls">${text.cancel}</a>
      </div>
    </form>`;
}

export function renderFaults(view: ViewContext, faults: readonly ImportFault[]): Html {
  const text = FORM_TEXT[view.lang];
  const shown = faults.slice(0, MOST_SHOWN);
  return html`${renderNotice('bad', text.faults(toNumberText(faults.length)))}
  ${renderTable<ImportFault>({
    caption: text.faults(toNumberText(faults.length)),
    columns: [
      { title: text.entry, isHeading: true, toCell: ({ entry }) => entry ?? text.whole },
      { title: text.field, toCell: ({ field }) => html`<code>${field === '' ? '–' : field}</code>` },
      { title: text.problem, toCell: (fault) => toFaultText(fault, view.lang) },
    ],
    rows: shown,
    empty: '',
  })}
  ${renderCut(view, shown.length, faults.length)}`;
}

const VERDICT_TONES = { added: 'good', updated: 'warn', unchanged: 'idle' } as const satisfies Record<string, Tone>;

const CREDENTIAL_KEYS = {
  absent: 'credentialAbsent',
  unchanged: 'credentialUnchanged',
  keep: 'credentialKeep',
  insert: 'credentialInsert',
  replace: 'credentialReplace',
  'update-secret': 'credentialUpdateSecret',
} as const satisfies Record<PreviewedMall['credential'], string>;

export function renderImportPreview(view: ViewContext, malls: readonly PreviewedMall[], sealed: string): Html {
  const text = FORM_TEXT[view.lang];
  const count = (verdict: PreviewedMall['mall']): number => malls.filter(({ mall }) => mall === verdict).length;
  const acting = malls.filter(isActing);
  const shown = acting.slice(0, MOST_SHOWN);
  return html`${renderPageHead(text.previewTitle, {
    intro: text.previewIntro,
    up: { href: '/malls/import', label: text.back },
  })}
  ${renderTiles([
    { label: text.added, value: toNumberText(count('added')) },
    { label: text.updated, value: toNumberText(count('updated')) },
    { label: text.unchanged, value: toNumberText(count('unchanged')) },
  ])}
  ${renderPreviewTable(view, shown)} ${renderCut(view, shown.length, acting.length)}
  ${acting.length === 0 ? NOTHING : renderConfirm(view, malls.length, sealed)}`;
}

/** `keep` does nothing, but whoever brought the token should see it. */
function isActing({ mall, credential }: PreviewedMall): boolean {
  return mall !== 'unchanged' || (credential !== 'unchanged' && credential !== 'absent');
}

function renderPreviewTable(view: ViewContext, rows: readonly PreviewedMall[]): Html {
  const text = FORM_TEXT[view.lang];
  return renderTable<PreviewedMall>({
    caption: text.previewTitle,
    columns: [
      {
        title: text.mall,
        isHeading: true,
        toCell: ({ mallId, name, cafe24MallId }) => html`${name}<span class="under">${mallId} · ${cafe24MallId}</span>`,
      },
      { title: text.verdict, toCell: ({ mall }) => renderBadge(VERDICT_TONES[mall], text[mall]) },
      { title: text.change, toCell: ({ changes }) => (changes.length === 0 ? '–' : changes.join(', ')) },
      { title: text.credential, toCell: ({ credential }) => text[CREDENTIAL_KEYS[credential]] },
    ],
    rows,
    empty: text.nothing,
  });
}

function renderConfirm(view: ViewContext, malls: number, sealed: string): Html {
  const text = FORM_TEXT[view.lang];
  return html`<form class="actions" method="post" action="/malls/import">
    ${renderCsrf(view)}<input type="hidden" name="sealed" value="${sealed}" />
    <button class="button button-primary">${text.confirm(toNumberText(malls))}</button>
    <a class="button button-quiet" href="/malls/import">${text.back}</a>
  </form>`;
}

function renderCut(view: ViewContext, shown: number, all: number): Html {
  if (shown === all) return NOTHING;
  return html`<p class="hint">${FORM_TEXT[view.lang].shown(toNumberText(shown), toNumberText(all))}</p>`;
}
