import type { Html } from '../layout/html.ts';

/** One element of the page that is replaced as a whole: `html` is the element whose id is `id`. */
export interface Fragment {
  readonly id: string;
  readonly html: string;
}

/** Text from outside is escaped, so this matches nothing but rows that a view has drawn. */
const ROW = /<tr id="([^"]+)"[^]*?<\/tr>/g;

/** @param html one element with that id; table rows in it that have an id too may change alone */
export function buildFragment(id: string, html: Html): Fragment {
  if (html instanceof Promise) throw new TypeError('a live fragment holds no promise');
  return { id, html: html.toString() };
}

/** The elements to be replaced so that a page that shows `before` shows `after`. */
export function diffFragments(before: readonly Fragment[], after: readonly Fragment[]): readonly Fragment[] {
  const known = new Map(before.map(({ id, html }) => [id, html]));
  return listChanged(before, after).flatMap((fragment) => {
    const html = known.get(fragment.id) ?? '';
    // rows that came, went or changed places, and all that stands around them, need the whole
    if (toFrame(html) !== toFrame(fragment.html)) return [fragment];
    return listChanged(listRows(html), listRows(fragment.html));
  });
}

function listChanged(before: readonly Fragment[], after: readonly Fragment[]): readonly Fragment[] {
  const known = new Map(before.map(({ id, html }) => [id, html]));
  return after.filter(({ id, html }) => known.get(id) !== html);
}

function toFrame(html: string): string {
  return html.replaceAll(ROW, '<tr id="$1">');
}

function listRows(html: string): readonly Fragment[] {
  return [...html.matchAll(ROW)].map(([row, id = '']) => ({ id, html: row }));
}
