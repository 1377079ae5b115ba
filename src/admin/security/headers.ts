import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { AdminContext } from '../context.ts';
import type { AdminEnv } from '../env.ts';

/** Nothing inline, nothing from elsewhere; forms may only lead back here and on to Cafe24's consent. */
export function createHeaders(context: Pick<AdminContext, 'cafe24Url' | 'publicUrl'>): MiddlewareHandler<AdminEnv> {
  const isHttps = context.publicUrl?.protocol === 'https:';
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      scriptSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      formAction: ["'self'", toFormTarget(context.cafe24Url)],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
    },
    crossOriginOpenerPolicy: 'same-origin',
    crossOriginResourcePolicy: 'same-origin',
    referrerPolicy: 'same-origin',
    strictTransportSecurity: isHttps ? 'max-age=31536000' : false,
    xFrameOptions: 'DENY',
    permissionsPolicy: { camera: [], geolocation: [], microphone: [], payment: [], usb: [] },
  });
}

/** The origin of every mall's API: a wildcard where the mall's id is a part of the host. */
export function toFormTarget(cafe24Url: string): string {
  const filled = new URL(cafe24Url.replaceAll('{mall_id}', 'mall-id-here'));
  return filled.host.startsWith('mall-id-here.')
    ? `${filled.protocol}//*.${filled.host.slice('mall-id-here.'.length)}`
    : filled.origin;
}
