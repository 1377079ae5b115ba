const HERE = 'http://here.invalid';

/** A path of this page to go on to after signing in; anything that might lead elsewhere becomes the first page. */
export function toSafeNext(next: string | undefined): string {
  if (next === undefined || next.length > 2_000 || !/^\/(?![/\\])/.test(next) || hasControl(next)) return '/';
  const url = URL.parse(next, HERE);
  if (url === null || url.origin !== HERE || url.pathname.startsWith('//')) return '/';
  return url.pathname.startsWith('/sign-') ? '/' : `${url.pathname}${url.search}`;
}

function hasControl(text: string): boolean {
  return /\p{Cc}/u.test(text);
}
