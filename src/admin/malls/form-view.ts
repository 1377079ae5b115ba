import { html } from 'hono/html';
import type { ImportFault } from '../../adapters/postgres/mall-import-fault.ts';
import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import { renderCsrf } from '../layout/csrf.ts';
import { renderArea, renderChoices, renderField } from '../layout/field.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { renderNotice } from '../layout/notice.ts';
import { renderPageHead } from '../layout/page-head.ts';
import { renderPanel } from '../layout/panel.ts';
import type { ViewContext } from '../layout/view-context.ts';
import { DOMAIN_WORDS } from '../text/words.ts';
import { toFaultText, toFieldName } from './fault-text.ts';
import { FORM_TEXT } from './form-text.ts';
import type { MallForm } from './mall-form.ts';
import { MALLS_TEXT } from './text.ts';

export interface MallFormPage {
  readonly form: MallForm;
  /** One a field that is at fault. */
  readonly errors: Readonly<Record<string, string>>;
}

export function toFormErrors(faults: readonly ImportFault[], view: ViewContext): MallFormPage['errors'] {
  return Object.fromEntries(faults.map((fault) => [toFieldName(fault), toFaultText(fault, view.lang)]));
}

/** Adds a mall or changes one. The secrets' fields are always empty. */
export function renderMallForm(view: ViewContext, page: MallFormPage): Html {
  const { form, errors } = page;
  const text = FORM_TEXT[view.lang];
  const title = form.isKnown ? text.edit(form.name) : text.add;
  const cancel = form.isKnown ? `/malls/${form.mallId}` : '/malls';
  const known = form.isKnown ? html`<input type="hidden" name="known" value="1" />` : NOTHING;
  return html`${renderPageHead(title, {
      up: { href: cancel, label: form.isKnown ? form.name : MALLS_TEXT[view.lang].title },
      ...(!form.isKnown && { intro: text.addIntro }),
    })}
    ${Object.keys(errors).length === 0 ? NOTHING : renderNotice('bad', text.faulty)}
    <form class="form mall-form" method="post" action="/malls/add" autocomplete="off">
      ${renderCsrf(view)} ${known} ${renderPanel(text.mall, renderMallFields(view, page))}
      ${renderPanel(text.app, renderClientFields(view, page))}
      <div class="actions">
        <button class="button button-primary">${text.save}</button>
        <a class="button button-quiet" href="${cancel}">${text.cancel}</a>
      </div>
    </form>`;
}

function renderMallFields(view: ViewContext, { form, errors }: MallFormPage): Html {
  const text = FORM_TEXT[view.lang];
  const fixed = form.isKnown
    ? html`<input type="hidden" name="mallId" value="${form.mallId}" />
        <input type="hidden" name="cafe24MallId" value="${form.cafe24MallId}" />
        <p class="hint">${form.mallId} · ${form.cafe24MallId}</p>
        ${renderFixedErrors(errors)}`
    : html`${renderField({
        name: 'mallId',
        label: text.mallId,
        hint: text.mallIdHint,
        value: form.mallId,
        required: true,
        error: errors['mallId'] ?? null,
      })}
      ${renderField({
        name: 'cafe24MallId',
        label: text.cafe24MallId,
        hint: text.cafe24MallIdHint,
        value: form.cafe24MallId,
        required: true,
        error: errors['cafe24MallId'] ?? null,
      })}`;
  return html`${fixed}
  ${renderField({ name: 'name', label: text.name, hint: form.isKnown ? text.nameKept : text.nameHint, value: form.name, error: errors['name'] ?? null })}
  ${renderChoices({
    name: 'domainTypes',
    legend: text.domainTypes,
    type: 'checkbox',
    choices: DOMAIN_TYPES.map((value) => ({ value, label: DOMAIN_WORDS[view.lang][value] })),
    values: form.domainTypes,
    error: errors['domainTypes'] ?? null,
  })}
  ${renderField({
    name: 'shopNos',
    label: text.shopNos,
    hint: text.shopNosHint,
    value: form.shopNos,
    error: errors['shopNos'] ?? null,
  })}
  ${renderArea({
    name: 'labels',
    label: text.labels,
    hint: text.labelsHint,
    value: form.labels,
    rows: 3,
    error: errors['labels'] ?? null,
  })}`;
}

function renderFixedErrors(errors: MallFormPage['errors']): Html {
  const message = errors['mallId'] ?? errors['cafe24MallId'];
  return message === undefined ? NOTHING : html`<p class="field-error">${message}</p>`;
}

function renderClientFields(view: ViewContext, { form, errors }: MallFormPage): Html {
  const text = FORM_TEXT[view.lang];
  const secret = { type: 'password', autocomplete: 'new-password' } as const;
  return html`${renderField({
    name: 'clientId',
    label: text.clientId,
    hint: form.isKnown ? text.clientIdKept : text.clientIdHint,
    value: form.clientId,
    autocomplete: 'off',
    error: errors['clientId'] ?? null,
  })}
  ${renderField({
    ...secret,
    name: 'clientSecret',
    label: text.clientSecret,
    hint: text.clientSecretHint,
    error: errors['clientSecret'] ?? null,
  })}
  ${renderField({
    ...secret,
    name: 'refreshToken',
    label: text.refreshToken,
    hint: text.refreshTokenHint,
    error: errors['refreshToken'] ?? null,
  })}
  ${
    form.isKnown
      ? renderChoices({
          name: 'force',
          legend: text.force,
          type: 'checkbox',
          choices: [{ value: '1', label: text.forceChoice }],
          values: form.isForced ? ['1'] : [],
        })
      : NOTHING
  }`;
}
