import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import type { MallListing } from '../../adapters/postgres/mall-store.ts';

/** A mall's settings as typed, without the secrets: those go into the entry and never back into a page. */
export interface MallForm {
  readonly mallId: string;
  readonly cafe24MallId: string;
  readonly name: string;
  readonly domainTypes: readonly string[];
  readonly shopNos: string;
  readonly labels: string;
  readonly clientId: string;
  /** The mall is there and is changed; otherwise a known number is refused. */
  readonly isKnown: boolean;
  /** Replaces a working credential, too. */
  readonly isForced: boolean;
}

export const EMPTY_FORM: MallForm = {
  mallId: '',
  cafe24MallId: '',
  name: '',
  domainTypes: DOMAIN_TYPES,
  shopNos: '',
  labels: '',
  clientId: '',
  isKnown: false,
  isForced: false,
};

export function toMallForm({ mallId, cafe24MallId, name, domainTypes, shopNos, labels }: MallListing): MallForm {
  return {
    ...EMPTY_FORM,
    mallId: String(mallId),
    cafe24MallId,
    name,
    domainTypes,
    shopNos: shopNos?.join(', ') ?? '',
    labels: Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join('\n'),
    isKnown: true,
  };
}

/** The fields of a posted form: one text, several, or a file. */
export type FormBody = Readonly<Record<string, unknown>>;

export function readMallForm(body: FormBody): MallForm {
  return {
    mallId: readText(body, 'mallId'),
    cafe24MallId: readText(body, 'cafe24MallId'),
    name: readText(body, 'name'),
    domainTypes: readTexts(body, 'domainTypes'),
    shopNos: readText(body, 'shopNos'),
    labels: readText(body, 'labels'),
    clientId: readText(body, 'clientId'),
    isKnown: readText(body, 'known') === '1',
    isForced: readText(body, 'force') === '1',
  };
}

/** An entry as a list to import has it. What cannot be read stays as typed, so that the list's rules name it. */
export function toImportEntry(form: MallForm, body: FormBody): Readonly<Record<string, unknown>> {
  const entry: Record<string, unknown> = {
    mallId: toNumber(form.mallId),
    cafe24MallId: form.cafe24MallId,
    domainTypes: form.domainTypes,
    shopNos: form.shopNos === '' ? null : splitAt(form.shopNos, /[\s,]+/).map(toNumber),
    labels: toLabels(form.labels),
  };
  const optional = {
    name: form.name,
    clientId: form.clientId,
    clientSecret: readText(body, 'clientSecret'),
    refreshToken: readText(body, 'refreshToken'),
  };
  for (const [field, value] of Object.entries(optional)) if (value !== '') entry[field] = value;
  return entry;
}

export function readText(body: FormBody, field: string): string {
  return readTexts(body, field).at(-1)?.trim() ?? '';
}

function readTexts(body: FormBody, field: string): readonly string[] {
  const given = body[field];
  const values: readonly unknown[] = Array.isArray(given) ? given : [given];
  return values.filter((value) => typeof value === 'string');
}

function splitAt(text: string, separator: RegExp): readonly string[] {
  return text
    .split(separator)
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

function toNumber(text: string): number | string {
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}

/** A record, or the text itself where a pair has no `=`. */
function toLabels(text: string): Readonly<Record<string, string>> | string {
  const pairs = splitAt(text, /\r?\n/).map((pair) => {
    const at = pair.indexOf('=');
    return [pair.slice(0, Math.max(0, at)).trim(), pair.slice(at + 1).trim()] as const;
  });
  return pairs.some(([key, value]) => key === '' || value === '') ? text : Object.fromEntries(pairs);
}
