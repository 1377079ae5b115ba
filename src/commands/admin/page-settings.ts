import { z } from 'zod';
import { ROLES } from '../../admin/env.ts';
import { isLoopbackHost, parseAddressList } from '../../admin/security/addresses.ts';
import { KUBERNETES_SETTINGS } from '../settings/kubernetes-settings.ts';
import { setting } from '../settings/setting.ts';
import { TARGET_SETTINGS } from '../settings/shared-settings.ts';
import { wholeNumber } from '../settings/values.ts';

/** Who may see the operator's page and where it is found; for every command that serves it. */
export const ACCESS_SETTINGS = {
  usersFile: setting(z.string().min(1).optional(), {
    flag: '--users-file <file>',
    env: 'MALLSYNC_USERS_FILE',
    description: 'Who may sign in to the page: lines that `mallsync admin-user` makes; read anew when it changes',
    mustBe: 'the path of a file',
  }),
  trustedProxies: setting(
    z
      .array(z.string().min(1))
      .refine((ranges) => ranges.length > 0 && parseAddressList(ranges) !== null)
      .optional(),
    {
      flag: '--trusted-proxies <list>',
      env: 'MALLSYNC_TRUSTED_PROXIES',
      description: 'Addresses and ranges of the proxies that say who the visitor is',
      mustBe: 'a comma list of addresses and ranges like 10.0.0.0/8',
      isList: true,
    },
  ),
  proxyUserHeader: setting(
    z
      .string()
      .regex(/^[A-Za-z0-9-]{1,100}$/)
      .default('X-Forwarded-User'),
    {
      env: 'MALLSYNC_PROXY_USER_HEADER',
      description:
        'The header in which a trusted proxy puts the visitor’s name; the proxy must take out what visitors send',
      mustBe: 'the name of a header',
    },
  ),
  proxyRole: setting(z.enum(ROLES).optional(), {
    env: 'MALLSYNC_PROXY_ROLE',
    description: 'The role of visitors of a trusted proxy whom the users file does not name',
    defaultText: 'they are refused',
    mustBe: `one of ${ROLES.join(', ')}`,
  }),
  publicUrl: setting(z.string().refine(isPublicUrl).optional(), {
    flag: '--public-url <url>',
    env: 'MALLSYNC_PUBLIC_URL',
    description: 'Where visitors find the page; https for all but this computer',
    defaultText: 'the address it listens on',
    mustBe: 'an https address without a path, like https://mallsync.example.com',
  }),
  sessionHours: setting(wholeNumber(1, 168).default(12), {
    env: 'MALLSYNC_SESSION_HOURS',
    description: 'How long a sign-in to the page lasts at most',
    mustBe: 'a whole number of hours from 1 to 168',
  }),
  sessionIdleMinutes: setting(wholeNumber(1, 10_080).default(60), {
    env: 'MALLSYNC_SESSION_IDLE_MINUTES',
    description: 'How long a sign-in to the page lasts when nothing is done with it',
    mustBe: 'a whole number of minutes from 1 to 10080',
  }),
};

function isPublicUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}

/** What the page shows and where its consent comes back to. */
export const SHOWN_SETTINGS = {
  redirectUri: setting(z.url({ protocol: /^https?$/ }).optional(), {
    flag: '--redirect-uri <url>',
    env: 'MALLSYNC_REDIRECT_URI',
    description: 'The redirect address that is registered for the app, to the letter',
    defaultText: '`/consent/callback` of the page; `malls authorize` needs it',
    mustBe: 'the http or https address that is registered for the app',
  }),
  ...TARGET_SETTINGS,
  namespace: KUBERNETES_SETTINGS.namespace,
};

const HOST = {
  env: 'MALLSYNC_ADMIN_HOST',
  description: 'The address the page listens on; other than this computer’s own it needs users or a proxy',
  mustBe: 'a host name or address',
};

const PORT = {
  env: 'MALLSYNC_ADMIN_PORT',
  description: 'The port the page listens on; 0 takes a free one',
  mustBe: 'a port number from 0 to 65535',
};

const host = z.string().min(1).default('127.0.0.1');
const port = wholeNumber(0, 65_535).default(8080);

/** Where the page listens in a command that serves nothing else. */
export const OWN_PLACE_SETTINGS = {
  host: setting(host, { ...HOST, flag: '--host <address>' }),
  port: setting(port, { ...PORT, flag: '--port <number>' }),
};

/** Where `admin` tells its metrics: apart from the page, which strangers may reach. */
export const METRICS_PLACE_SETTINGS = {
  metricsHost: setting(z.string().min(1).default('127.0.0.1'), {
    flag: '--metrics-host <address>',
    env: 'MALLSYNC_ADMIN_METRICS_HOST',
    description: 'The address of the page’s /metrics, /livez and /readyz; never that of the page itself',
    mustBe: 'a host name or address',
  }),
  metricsPort: setting(wholeNumber(0, 65_535).default(9465), {
    flag: '--metrics-port <number>',
    env: 'MALLSYNC_ADMIN_METRICS_PORT',
    description: 'The port of the page’s /metrics, /livez and /readyz; 0 takes a free one',
    mustBe: 'a port number from 0 to 65535',
  }),
};

/** Where it listens in a command that has another port besides. */
export const BESIDE_PLACE_SETTINGS = {
  page: setting(z.boolean().default(true), {
    flag: '--no-page',
    description: 'Leave the operator’s page out',
    mustBe: 'given or not',
  }),
  pageHost: setting(host, { ...HOST, flag: '--page-host <address>' }),
  pagePort: setting(port, { ...PORT, flag: '--page-port <number>' }),
};

export const PAGE_SETTINGS = { ...ACCESS_SETTINGS, ...SHOWN_SETTINGS };
export type PageSettings = z.output<z.ZodObject<typeof PAGE_SETTINGS>>;
