import type { Lang } from '../text/lang.ts';
import { NEW_RUN_TEXT } from './text.ts';
import type { Fault, Faults, Field } from './wish.ts';

const MOST_NAMED = 10;

/** What is wrong with a field, in a sentence; null when nothing is. */
export function toFaultText(faults: Faults, field: Field, lang: Lang): string | null {
  const fault = faults[field];
  return fault === undefined ? null : describe(field, fault, lang);
}

function describe(field: Field, fault: Fault, lang: Lang): string {
  const text = NEW_RUN_TEXT[lang];
  if (fault.kind === 'unknown') return text.unknownMalls(fault.names.slice(0, MOST_NAMED).join(', '));
  if (fault.kind === 'order') return text.wrongOrder;
  if (fault.kind === 'open') return text.wrongOpen;
  switch (field) {
    case 'domainType':
      return text.wrongDomain;
    case 'malls':
      if (fault.kind === 'none') return text.noMall;
      return fault.kind === 'missing' ? text.missingMalls : text.wrongMalls;
    case 'labels':
      if (fault.kind === 'none') return text.noMall;
      return fault.kind === 'missing' ? text.missingLabels : text.wrongLabels;
    case 'start':
    case 'end':
      return text.wrongTime;
    case 'pageSize':
      return text.wrongPageSize;
    case 'reason':
      return fault.kind === 'missing' ? text.missingReason : text.wrongReason;
    default:
      return field satisfies never;
  }
}
