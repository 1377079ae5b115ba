/** A series selector as an expression has it. */
export interface Selector {
  readonly metric: string;
  /** Labels that it matches by. */
  readonly matched: readonly string[];
  /** The function that it stands in directly, like `rate`. */
  readonly inside: string | null;
  /** The aggregation around that; null where there is none. */
  readonly aggregation: { readonly operation: string; readonly by: readonly string[] } | null;
}

const NAME = '(?:mallsync|workqueue|controller_runtime|rest_client|leader_election|process|nodejs)_\\w+';
const SELECTOR = new RegExp(`(?:(\\w+) by \\(([^)]*)\\) \\()?(?:(\\w+)\\()?\\b(${NAME})(?:\\{([^}]*)\\})?`, 'g');

/** What an expression reads. */
export function listSelectors(expr: string): readonly Selector[] {
  return [...expr.matchAll(SELECTOR)].map(([, operation, by = '', inside, metric = '', matchers = '']) => ({
    metric,
    matched: [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
    inside: inside ?? null,
    aggregation: operation === undefined ? null : { operation, by: toLabels(by) },
  }));
}

/** All labels that it groups or joins by, and that its legend shows. */
export function listUsedLabels(expr: string, legend = ''): readonly string[] {
  const grouped = [...expr.matchAll(/\b(?:by|on|group_left|without|ignoring)\s*\(([^)]*)\)/g)];
  return [
    ...grouped.flatMap(([, labels = '']) => toLabels(labels)),
    ...[...legend.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, label = '']) => label),
  ];
}

/** Labels that it makes itself. */
export function listMadeLabels(expr: string): readonly string[] {
  return [...expr.matchAll(/\), "(\w+)", "[^"]*", "[^"]*", "[^"]*"\)/g)].map(([, label = '']) => label);
}

function toLabels(text: string): readonly string[] {
  return text
    .split(',')
    .map((label) => label.trim())
    .filter((label) => label !== '');
}
