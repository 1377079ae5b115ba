import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SessionStore } from '../../adapters/postgres/session-store.ts';
import { createSessionStore } from '../../adapters/postgres/session-store.ts';
import { parseKeyRing } from '../../adapters/postgres/key-ring.ts';
import type { SignInOutcome } from '../../adapters/telemetry/page-metrics.ts';
import type { Clock } from '../../domain/clock.ts';
import type { AdminContext } from '../context.ts';
import type { Role } from '../env.ts';
import type { AddressList } from './addresses.ts';
import type { Throttle } from './throttle.ts';
import { createThrottle } from './throttle.ts';
import type { UsersFile } from './users-file.ts';

/** How visitors are known. With neither users nor a proxy the page is for the person at this computer alone. */
export interface SecuritySettings {
  readonly users: UsersFile | null;
  readonly proxy: {
    /** Whose word is taken. */
    readonly addresses: AddressList;
    readonly header: string;
    /** Of those whom the users file does not name; null refuses them. */
    readonly role: Role | null;
  } | null;
  /** Name of the one visitor where neither is configured. */
  readonly localName: string;
  readonly sessionHours: number;
  readonly idleMinutes: number;
}

export interface Security extends SecuritySettings {
  readonly clock: Clock;
  readonly publicOrigin: string | null;
  readonly isOpen: boolean;
  readonly sessions: SessionStore;
  readonly throttle: Throttle;
  /** Told of each name and password that somebody gave. */
  onSignIn(outcome: SignInOutcome): void;
  /** Cookies go over https only. */
  readonly isHttps: boolean;
  readonly cookieName: string;
  /** What a form has to carry of this session or, without one, of this visitor. */
  toCsrfToken(subject: string): string;
  /** Without telling by its time how much of it is right. */
  isToken(given: string, right: string): boolean;
  /** Stands for a name and password that were right, without holding them. */
  toPasswordMark(name: string, password: string): string;
}

export function createSecurity(settings: SecuritySettings, context: AdminContext): Security {
  const ring = parseKeyRing(context.encryptionKeys);
  const formKey = ring.deriveKey(ring.firstKeyId, 'page-form');
  const passwordKey = ring.deriveKey(ring.firstKeyId, 'page-password');
  const isHttps = context.publicUrl?.protocol === 'https:';
  const toCsrfToken = (subject: string): string => createHmac('sha256', formKey).update(subject).digest('base64url');
  return {
    ...settings,
    clock: context.clock,
    publicOrigin: context.publicUrl?.origin ?? null,
    isOpen: settings.users === null && settings.proxy === null,
    sessions: createSessionStore({
      pool: context.database.pool,
      longestSeconds: settings.sessionHours * 3_600,
      idleSeconds: settings.idleMinutes * 60,
    }),
    throttle: createThrottle(),
    onSignIn: (outcome) => context.metrics.onSignIn(outcome),
    isHttps,
    cookieName: isHttps ? '__Host-mallsync' : 'mallsync',
    toCsrfToken,
    isToken: isSame,
    toPasswordMark: (name, password) =>
      createHmac('sha256', passwordKey).update(`${name}\n${password}`).digest('base64url'),
  };
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
