import { html } from 'hono/html';
import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import { renderArea, renderChoices, renderField, renderSelect } from '../layout/field.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { toNumberText } from '../layout/number.ts';
import type { ViewContext } from '../layout/page.ts';
import { DOMAIN_WORDS } from '../text/words.ts';
import { toFaultText } from './fault-text.ts';
import type { NewRunPage } from './load.ts';
import { SCOPES } from './query.ts';
import { NEW_RUN_TEXT } from './text.ts';
import type { Field } from './wish.ts';

/** A form by GET: what it shows has an address, and sending it starts nothing. */
export function renderForm(view: ViewContext, page: NewRunPage): Html {
  const text = NEW_RUN_TEXT[view.lang];
  const { query, judged } = page;
  const faultOf = (field: Field): string | null => toFaultText(judged?.faults ?? {}, field, view.lang);
  return html`<form class="form" method="get" action="/new">
    <div class="form-row form-start">
      ${renderSelect({
        name: 'domainType',
        label: text.domain,
        choices: DOMAIN_TYPES.map((value) => ({ value, label: DOMAIN_WORDS[view.lang][value] })),
        value: query.domainType ?? '',
        error: faultOf('domainType'),
      })}
      ${renderTime('start', text.start, query.start, faultOf('start'))}
      ${renderTime('end', text.end, query.end, faultOf('end'))}
      ${renderField({
        name: 'pageSize',
        label: text.pageSize,
        type: 'number',
        min: '1',
        max: '1000',
        value: query.pageSize ?? '',
        error: faultOf('pageSize'),
      })}
    </div>
    <p class="hint">${text.periodHint} ${text.pageSizeHint}</p>
    ${renderMalls(view, page, faultOf)}
    ${renderChoices({
      name: 'reprocess',
      legend: text.reprocessLegend,
      type: 'checkbox',
      choices: [{ value: '1', label: text.reprocess }],
      values: query.reprocess === undefined ? [] : ['1'],
    })}
    ${renderArea({ name: 'reason', label: text.reason, hint: text.reasonHint, rows: 2, value: query.reason ?? '', error: faultOf('reason') })}
    <p class="hint">${text.attempt}</p>
    <div class="form-end">
      <button class="button button-primary" name="step" value="preview">${text.preview}</button>
    </div>
  </form>`;
}

function renderTime(name: 'start' | 'end', label: string, value: string | undefined, error: string | null): Html {
  // a browser drops from such an input what is no time at all, so that is shown as text
  const isTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(value ?? '');
  return renderField({
    name,
    label,
    type: isTime ? 'datetime-local' : 'text',
    step: '1',
    value: value ?? '',
    required: true,
    error,
  });
}

function renderMalls(
  view: ViewContext,
  { query, offered, more }: NewRunPage,
  faultOf: (field: Field) => string | null,
): Html {
  const text = NEW_RUN_TEXT[view.lang];
  return html`${renderChoices({
      name: 'scope',
      legend: text.scope,
      type: 'radio',
      choices: SCOPES.map((value) => ({ value, label: text[value] })),
      values: [query.scope ?? 'active'],
    })}
    <div class="form-row form-start">
      ${renderField({ name: 'labels', label: text.labels, hint: text.labelsHint, value: query.labels ?? '', error: faultOf('labels') })}
      ${renderField({ name: 'malls', label: text.malls, hint: text.mallsHint, value: query.malls ?? '', error: faultOf('malls') })}
      <div class="find">
        ${renderField({ name: 'find', label: text.find, hint: text.findHint, type: 'search', value: query.find ?? '' })}
        <button class="button" name="step" value="find">${text.findButton}</button>
      </div>
    </div>
    ${
      offered.length === 0
        ? NOTHING
        : renderChoices({
            name: 'mallId',
            legend: text.found,
            type: 'checkbox',
            choices: offered.map(({ mallId, name }) => ({ value: String(mallId), label: `${name} (${mallId})` })),
            values: (query.mallId ?? []).map(String),
          })
    }
    ${query.find !== undefined && offered.length === 0 ? html`<p class="muted">${text.foundNone}</p>` : NOTHING}
    ${more > 0 ? html`<p class="muted">${text.foundMore(toNumberText(more))}</p>` : NOTHING}`;
}
