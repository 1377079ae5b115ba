import type { Html } from '../layout/html.ts';

/** One element of the page that is replaced as a whole: `html` is the element whose id is `id`. */
export interface Fragment {
  readonly id: string;
  readonly html: string;
  /** Elements inside it that may also change alone, while the rest of it stays as it is. */
  readonly parts?: readonly Fragment[];
}

export function buildFragment(id: string, html: Html): Fragment {
  return { id, html: toText(html) };
}

/**
 * An element with parts, e.g. a table's body with its rows: it is sent whole when parts come, go or change places or
 * when something around them changes, and otherwise only the parts that changed.
 * @param toHtml puts the parts into the element
 */
export function buildFragmentList(
  id: string,
  parts: readonly { readonly id: string; readonly html: Html }[],
  toHtml: (parts: readonly Html[]) => Html,
): Fragment {
  return {
    id,
    html: toText(toHtml(parts.map(({ html }) => html))),
    parts: parts.map((part) => buildFragment(part.id, part.html)),
  };
}

/** The elements to be replaced so that a page that shows `before` shows `after`. Both have the same ids on top. */
export function diffFragments(before: readonly Fragment[], after: readonly Fragment[]): readonly Fragment[] {
  const known = new Map(before.map((fragment) => [fragment.id, fragment]));
  return after.flatMap((fragment) => diffFragment(known.get(fragment.id), fragment));
}

function diffFragment(before: Fragment | undefined, after: Fragment): readonly Fragment[] {
  if (before === undefined) return [after];
  if (before.html === after.html) return [];
  return toShell(before) === toShell(after) ? diffFragments(before.parts ?? [], after.parts ?? []) : [after];
}

/** What is left of it without its parts' own text. */
function toShell({ html, parts = [] }: Fragment): string {
  let rest = html;
  let shell = '';
  for (const part of parts) {
    const at = rest.indexOf(part.html);
    // a part that is not in it as it stands: nothing may be sent alone
    if (at < 0) return html;
    shell += `${rest.slice(0, at)}<${part.id}>`;
    rest = rest.slice(at + part.html.length);
  }
  return shell + rest;
}

function toText(html: Html): string {
  if (html instanceof Promise) throw new TypeError('a live fragment holds no promise');
  return html.toString();
}
