import { TerminalError } from '../../domain/errors.ts';

export const DEFAULT_URL_TEMPLATE = 'https://{mall_id}.cafe24api.com';

/** Where one mall's API is: an origin, and a path in front of `/api/v2` that is empty for the real one. */
export interface MallUrl {
  readonly origin: string;
  readonly prefix: string;
}

const MALL_ID = /^[a-z0-9][a-z0-9-]{1,49}$/;

/**
 * @param template a URL with `{mall_id}` in its host or its path
 * @throws TerminalError ConfigInvalid
 */
export function parseMallUrl(template: string, cafe24MallId: string): MallUrl {
  if (!template.includes('{mall_id}')) {
    throw new TerminalError(
      'ConfigInvalid',
      `MALLSYNC_CAFE24_URL must contain {mall_id}, like ${DEFAULT_URL_TEMPLATE}`,
    );
  }
  if (!MALL_ID.test(cafe24MallId)) {
    throw new TerminalError('ConfigInvalid', `cafe24MallId ${JSON.stringify(cafe24MallId)} is not a Cafe24 mall id`);
  }
  const url = URL.parse(template.replaceAll('{mall_id}', cafe24MallId));
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '' || url.username !== '') {
    throw new TerminalError('ConfigInvalid', `MALLSYNC_CAFE24_URL must be an http(s) URL like ${DEFAULT_URL_TEMPLATE}`);
  }
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, '') };
}

/** A query string with everything encoded that Cafe24 wants encoded: `+`, blanks and Korean text. */
export function toQueryString(query: Readonly<Record<string, string>>): string {
  return Object.entries(query)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
}
