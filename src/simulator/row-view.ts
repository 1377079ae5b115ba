/** Which properties of a row an answer shows. */
export interface RowView {
  /** Undefined: all of them. */
  readonly fields: readonly string[] | undefined;
  readonly embed: readonly string[];
  /** The detail answers carry a few properties more than the lists. */
  readonly isDetail: boolean;
}

export const WHOLE_ROW: RowView = { fields: undefined, embed: [], isDetail: false };

export function toViewKey(view: RowView): string {
  return `${view.fields?.join(',') ?? '*'}|${view.embed.join(',')}|${view.isDetail}`;
}

/** An embedded part stays whatever `fields` says. */
export function keepFields(row: Readonly<Record<string, unknown>>, view: RowView): Record<string, unknown> {
  if (view.fields === undefined) return { ...row };
  const wanted = new Set([...view.fields, ...view.embed]);
  return Object.fromEntries(Object.entries(row).filter(([name]) => wanted.has(name)));
}
