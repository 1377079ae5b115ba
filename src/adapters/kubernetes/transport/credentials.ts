import { readFile } from 'node:fs/promises';
import type { Clock } from '../../../domain/clock.ts';
import { ClusterError } from '../../../controller/cluster-error.ts';
import type { KubeAccess, Material } from './kube-access.ts';

/** As `node:tls` takes them. The same object for as long as the bytes are the same. */
export interface TlsSettings {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly rejectUnauthorized: boolean;
}

/** Who we are for one request. The same object for as long as nothing changed. */
export interface Identity {
  readonly tls: TlsSettings;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Credentials {
  /** Files are read again once a minute, plugins asked again before their credentials expire. */
  current(): Promise<Identity>;
  /** After the server refused `refused`: the very same when nothing newer can be had. */
  renew(refused: Identity): Promise<Identity>;
}

export interface CredentialsDependencies {
  readonly access: KubeAccess;
  /** Asks for credentials that are renewable. */
  readonly reload: () => Promise<KubeAccess>;
  readonly clock: Clock;
}

const FILES_STAND_MS = 60_000;
const BEFORE_EXPIRY_MS = 30_000;
/** A refused or broken credential is not asked for with every call. */
const PAUSE_MS = 5_000;

export function createCredentials(dependencies: CredentialsDependencies): Credentials {
  const { reload, clock } = dependencies;
  let access = dependencies.access;
  let identity: Identity | null = null;
  let staleAtMs = Number.NEGATIVE_INFINITY;
  let renewedAtMs = Number.NEGATIVE_INFINITY;
  let pending: Promise<Identity> | null = null;

  const isExpired = (): boolean =>
    access.expiresAtMs !== null && clock.nowMs() >= access.expiresAtMs - BEFORE_EXPIRY_MS;

  const readAnew = async (isRefused: boolean): Promise<Identity> => {
    const nowMs = clock.monotonicMs();
    // Until something better is known, also when this fails, so that not every call tries.
    staleAtMs = nowMs + PAUSE_MS;
    if (isRefused) renewedAtMs = nowMs;
    if (access.isRenewable && (isRefused || isExpired())) access = await reload();
    identity = keepSame(identity, await readIdentity(access));
    staleAtMs = toStaleAtMs(access, clock);
    return identity;
  };
  const single = (isRefused: boolean): Promise<Identity> => {
    pending ??= readAnew(isRefused).finally(() => (pending = null));
    return pending;
  };

  return {
    async current() {
      if (identity !== null && clock.monotonicMs() < staleAtMs) return identity;
      if (identity === null) return single(false);
      const known = identity;
      // A file in the middle of its replacement or a provider that is away: the server says when the old ones have ended.
      return single(false).catch(() => known);
    },
    async renew(refused) {
      if (identity !== null && identity !== refused) return identity;
      if (pending === null && clock.monotonicMs() < renewedAtMs + PAUSE_MS) return refused;
      return single(true);
    },
  };
}

function toStaleAtMs(access: KubeAccess, clock: Clock): number {
  const hasFiles = [access.certificateAuthority, access.clientCertificate, access.clientKey, access.bearerToken].some(
    (material) => material?.kind === 'file',
  );
  const filesMs = hasFiles ? FILES_STAND_MS : Number.POSITIVE_INFINITY;
  const expiryMs =
    access.expiresAtMs === null
      ? Number.POSITIVE_INFINITY
      : Math.max(access.expiresAtMs - BEFORE_EXPIRY_MS - clock.nowMs(), PAUSE_MS);
  return clock.monotonicMs() + Math.min(filesMs, expiryMs);
}

async function readIdentity(access: KubeAccess): Promise<Identity> {
  const [ca, cert, key, token] = await Promise.all(
    [access.certificateAuthority, access.clientCertificate, access.clientKey, access.bearerToken].map(readMaterial),
  );
  return {
    tls: {
      ...(ca ? { ca } : {}),
      ...(cert ? { cert } : {}),
      ...(key ? { key } : {}),
      ...(access.serverName === null ? {} : { servername: access.serverName }),
      rejectUnauthorized: !access.skipTlsVerify,
    },
    headers: { ...access.headers, ...(token ? { authorization: `Bearer ${token.trim()}` } : {}) },
  };
}

async function readMaterial(material: Material | null): Promise<string | null> {
  if (material === null) return null;
  if (material.kind === 'text') return material.text;
  try {
    return await readFile(material.path, 'utf8');
  } catch (thrown) {
    throw new ClusterError('unauthorized', `cannot read ${material.path}`, { cause: thrown });
  }
}

function keepSame(known: Identity | null, read: Identity): Identity {
  if (known === null) return read;
  const tls = isSame(known.tls, read.tls) ? known.tls : read.tls;
  return tls === known.tls && isSame(known.headers, read.headers) ? known : { tls, headers: read.headers };
}

function isSame(one: object, other: object): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
