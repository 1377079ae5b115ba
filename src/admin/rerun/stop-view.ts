import { html } from 'hono/html';
import type { ExecutionRecord } from '../../adapters/postgres/execution-record.ts';
import { isLive } from '../../domain/execution.ts';
import { renderCsrf } from '../layout/csrf.ts';
import { renderField } from '../layout/field.ts';
import type { Html } from '../layout/html.ts';
import { renderNotice } from '../layout/notice.ts';
import { renderPageHead } from '../layout/page-head.ts';
import type { ViewContext } from '../layout/page.ts';
import { renderPage } from '../layout/page.ts';
import { toPeriodText } from '../layout/time.ts';
import { DOMAIN_WORDS } from '../text/words.ts';
import { RERUN_TEXT } from './text.ts';

export interface StopPage {
  readonly record: ExecutionRecord;
  readonly mallName: string;
  readonly key: string;
}

/** Asks before a run is stopped, also where no script can. */
export function renderStopPage(view: ViewContext, { record, mallName, key }: StopPage): Html {
  const text = RERUN_TEXT[view.lang];
  const { executionId, domainType, startDate, endDate } = record;
  const title = text.stopTitle(executionId);
  const what = `${mallName} · ${DOMAIN_WORDS[view.lang][domainType]} · ${toPeriodText(startDate, endDate)}`;
  const back = `/runs/${executionId}`;
  return renderPage(view, {
    title,
    nav: 'runs',
    body: html`${renderPageHead(title, { intro: what, up: { href: back, label: text.toRun(executionId) } })}
    ${isLive(record.status) ? renderForm(view, executionId, key) : renderNotice('idle', text.notLive)}
    ${isLive(record.status) ? '' : html`<p class="page-end"><a class="button" href="${back}">${text.toRun(executionId)}</a></p>`}`,
  });
}

function renderForm(view: ViewContext, executionId: number, key: string): Html {
  const text = RERUN_TEXT[view.lang];
  return html`<p>${text.stopIntro}</p>
    <form class="form" method="post" action="/runs/${executionId}/stop">
      ${renderCsrf(view)}
      <input type="hidden" name="key" value="${key}" />
      ${renderField({ name: 'reason', label: text.reasonOptional })}
      <div class="form-end">
        <button class="button button-danger">${text.stop}</button>
        <a class="button" href="/runs/${executionId}">${text.keep}</a>
      </div>
    </form>`;
}
