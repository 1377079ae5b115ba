/** A series selector as an expression has it. */
export interface Selector {
  readonly metric: string;
  /** Labels that it matches by. */
  readonly matched: readonly string[];
  /** Labels of the aggregation that it stands in directly; null where it stands in none. */
  readonly aggregatedBy: readonly string[] | null;
}

const SELECTOR =
  /(?:(\w+) by \(([^)]*)\) \()?\b((?:mallsync|workqueue|controller_runtime|rest_client|leader_election|process|nodejs)_\w+)(?:\{([^}]*)\})?/g;

/** What an expression reads. */
export function listSelectors(expr: string): readonly Selector[] {
  return [...expr.matchAll(SELECTOR)].map(([, operation, by = '', metric = '', matchers = '']) => ({
    metric,
    matched: [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
    aggregatedBy: operation === undefined ? null : toLabels(by),
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
