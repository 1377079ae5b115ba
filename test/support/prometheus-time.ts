import { isMap, isScalar, parseDocument, visit } from 'yaml';

/** Each duration is divided by `factor`, but does not fall below its least where it was not shorter before. */
export interface TimeScale {
  readonly factor: number;
  readonly leastSeconds: number;
  /** Of the steps of subqueries. */
  readonly leastStepSeconds: number;
}

const UNIT_SECONDS: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3_600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
};

const DURATION = String.raw`(?:\d+(?:ms|[smhdwy]))+`;
/** Of a range or subquery, or after `offset`. */
const IN_EXPRESSION = new RegExp(`\\[(${DURATION})(?::(${DURATION})?)?\\]|\\boffset (${DURATION})`, 'g');
const FIELDS: readonly unknown[] = ['for', 'keep_firing_for'];

/**
 * Rule files with shorter waits: `for`, `keep_firing_for`, and the ranges and offsets of expressions and of the queries
 * in annotations. Nothing else is changed: thresholds, labels and what is compared stay.
 */
export function compressTime(yaml: string, scale: TimeScale): string {
  const document = parseDocument(yaml);
  visit(document, {
    Map(_, map) {
      for (const { key, value } of map.items) {
        const name = isScalar(key) ? key.value : null;
        if (isScalar(value) && typeof value.value === 'string') {
          if (FIELDS.includes(name)) value.value = compressDuration(value.value, scale);
          else if (name === 'expr') value.value = compressExpression(value.value, scale);
        } else if (name === 'annotations' && isMap(value)) {
          for (const { value: text } of value.items) {
            if (isScalar(text) && typeof text.value === 'string') text.value = compressExpression(text.value, scale);
          }
        }
      }
    },
  });
  return document.toString();
}

export function compressExpression(expr: string, scale: TimeScale): string {
  const { leastStepSeconds } = scale;
  return expr.replaceAll(IN_EXPRESSION, (found: string, range?: string, step?: string, offset?: string) => {
    if (offset !== undefined) return `offset ${compressDuration(offset, scale)}`;
    const short = compressDuration(range ?? '', scale);
    if (step === undefined) return found.includes(':') ? `[${short}:]` : `[${short}]`;
    return `[${short}:${compressDuration(step, { ...scale, leastSeconds: leastStepSeconds })}]`;
  });
}

function compressDuration(text: string, { factor, leastSeconds }: TimeScale): string {
  const seconds = toSeconds(text);
  return `${Math.round(Math.max(seconds / factor, Math.min(seconds, leastSeconds)) * 1_000)}ms`;
}

function toSeconds(text: string): number {
  return [...text.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNIT_SECONDS[unit ?? ''] ?? 0),
    0,
  );
}
