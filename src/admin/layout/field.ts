import { html } from 'hono/html';
import type { Html } from './html.ts';
import { NOTHING } from './html.ts';

interface FieldFrame {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly error?: string | null;
}

export interface TextField extends FieldFrame {
  readonly type?: 'text' | 'search' | 'password' | 'date' | 'datetime-local' | 'number' | 'url' | 'month';
  readonly value?: string;
  readonly required?: boolean;
  readonly placeholder?: string;
  readonly autocomplete?: string;
  readonly min?: string;
  readonly max?: string;
  readonly step?: string;
  readonly list?: string;
}

/** A label, its input, and beneath it what is wrong with it. */
export function renderField(field: TextField): Html {
  const { name, type, value, required, placeholder, autocomplete, min, max, step, list } = field;
  return renderFrame(
    field,
    html`<input
      class="input"
      id="${toId(name)}"
      name="${name}"
      type="${type ?? 'text'}"
      value="${value ?? ''}"
      ${required === true ? html`required` : NOTHING}
      ${toAttribute('placeholder', placeholder)}
      ${toAttribute('autocomplete', autocomplete)}
      ${toAttribute('min', min)}
      ${toAttribute('max', max)}
      ${toAttribute('step', step)}
      ${toAttribute('list', list)}
      ${describe(field)}
    />`,
  );
}

export interface AreaField extends FieldFrame {
  readonly value?: string;
  readonly rows?: number;
  readonly required?: boolean;
}

export function renderArea(field: AreaField): Html {
  const { name, value, rows, required } = field;
  const isRequired = required === true ? html`required` : NOTHING;
  return renderFrame(
    field,
    html`<textarea class="input" id="${toId(name)}" name="${name}" rows="${rows ?? 4}" ${isRequired} ${describe(field)}>
${value ?? ''}</textarea>`,
  );
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export interface SelectField extends FieldFrame {
  readonly choices: readonly Choice[];
  readonly value?: string;
}

export function renderSelect(field: SelectField): Html {
  const { name, choices, value } = field;
  return renderFrame(
    field,
    html`<select class="input" id="${toId(name)}" name="${name}" ${describe(field)}>
      ${choices.map(
        (each) =>
          html`<option value="${each.value}" ${each.value === value ? html`selected` : NOTHING}>${each.label}</option>`,
      )}
    </select>`,
  );
}

export interface ChoicesField {
  readonly name: string;
  readonly legend: string;
  readonly type: 'checkbox' | 'radio';
  readonly choices: readonly Choice[];
  readonly values: readonly string[];
  readonly error?: string | null;
}

/** Boxes to tick, or one of several, under one legend. */
export function renderChoices({ name, legend, type, choices, values, error }: ChoicesField): Html {
  return html`<fieldset class="choices">
    <legend>${legend}</legend>
    ${choices.map(
      (each) =>
        html`<label class="choice"
          ><input
            type="${type}"
            name="${name}"
            value="${each.value}"
            ${values.includes(each.value) ? html`checked` : NOTHING}
          />
          <span>${each.label}</span></label
        >`,
    )}
    ${error === undefined || error === null ? NOTHING : html`<p class="field-error">${error}</p>`}
  </fieldset>`;
}

function renderFrame({ name, label, hint, error }: FieldFrame, input: Html): Html {
  return html`<div class="field">
    <label for="${toId(name)}">${label}</label>
    ${input} ${hint === undefined ? NOTHING : html`<p class="hint" id="${toId(name)}-hint">${hint}</p>`}
    ${hasText(error) ? html`<p class="field-error" id="${toId(name)}-error">${error}</p>` : NOTHING}
  </div>`;
}

function describe({ name, hint, error }: FieldFrame): Html {
  const ids = [
    ...(hint === undefined ? [] : [`${toId(name)}-hint`]),
    ...(hasText(error) ? [`${toId(name)}-error`] : []),
  ];
  const invalid = hasText(error) ? html`aria-invalid="true"` : NOTHING;
  return ids.length === 0 ? NOTHING : html`aria-describedby="${ids.join(' ')}" ${invalid}`;
}

function hasText(error: string | null | undefined): error is string {
  return error !== undefined && error !== null && error !== '';
}

function toAttribute(attribute: string, value: string | undefined): Html {
  return value === undefined ? NOTHING : html`${attribute}="${value}"`;
}

function toId(name: string): string {
  return `field-${name}`;
}
