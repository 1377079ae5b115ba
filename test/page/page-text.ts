/** What a reader of the page sees of some markup, in one line. */
export function toText(html: string): string {
  return html
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** The rows of the first table with that caption, as text. */
export function rowsOf(html: string, caption: string): readonly string[] {
  const tables = [...html.matchAll(/<table[\s\S]*?<\/table>/g)].map(([table]) => table);
  const table = tables.find((each) => toText(/<caption[\s\S]*?<\/caption>/.exec(each)?.[0] ?? '') === caption);
  if (table === undefined) throw new Error(`there is no table ${caption}`);
  const body = /<tbody>[\s\S]*<\/tbody>/.exec(table)?.[0] ?? '';
  return [...body.matchAll(/<tr[\s\S]*?<\/tr>/g)].map(([row]) => toText(row));
}

/** Where the link with that text leads to. */
export function linkOf(html: string, text: string): string {
  const links = [...html.matchAll(/<a\b([^>]*)>([\s\S]*?)<\/a\s*>/g)];
  const link = links.find(([, , body]) => toText(body ?? '') === text);
  const href = /href="([^"]*)"/.exec(link?.[1] ?? '')?.[1];
  if (href === undefined) throw new Error(`there is no link ${text}`);
  return href.replaceAll('&amp;', '&');
}
