import type { ImportFault, MallImportError } from '../../adapters/postgres/mall-import-fault.ts';
import { BadInput } from '../bad-input.ts';
import type { Lang } from '../text/lang.ts';
import { FORM_TEXT } from './form-text.ts';

const RULES = {
  mallId: 'ruleMallId',
  cafe24MallId: 'ruleCafe24MallId',
  name: 'ruleName',
  domainTypes: 'ruleDomainTypes',
  shopNos: 'ruleShopNos',
  labels: 'ruleLabels',
  clientId: 'ruleClientId',
  clientSecret: 'ruleClientSecret',
  refreshToken: 'ruleRefreshToken',
} as const;

/** `shopNos.0` is a fault of the field `shopNos`. */
export function toFieldName({ field }: ImportFault): string {
  return field.split('.', 1)[0] ?? '';
}

/** What is wrong, in the visitor's language; the program's own words where the page has none. */
export function toFaultText(fault: ImportFault, lang: Lang): string {
  const text = FORM_TEXT[lang];
  if (fault.kind === 'taken') return lang === 'en' ? fault.message : text.taken;
  if (fault.kind === 'repeated') return text.repeated(/\d+/.exec(fault.message)?.[0] ?? '?');
  const field = toFieldName(fault);
  return isRule(field) ? text[RULES[field]] : fault.message;
}

function isRule(field: string): field is keyof typeof RULES {
  return Object.hasOwn(RULES, field);
}

/** The first fault as the API names it; its message tells them all. */
export function toBadInput(error: MallImportError): BadInput {
  const [fault] = error.faults;
  const entry = fault?.entry ?? null;
  const field = fault === undefined || entry === null ? 'malls' : `malls.${entry - 1}.${fault.field}`;
  return new BadInput({ field, message: error.message });
}
