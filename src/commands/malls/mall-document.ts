import type { MallListing } from '../../adapters/postgres/mall-store.ts';
import { toSeoulTime } from '../../domain/seoul-time.ts';

/** A mall as `--json` shows it; times of Asia/Seoul. */
export function toMallDocument({ credential, ...mall }: MallListing): object {
  return {
    ...mall,
    credential:
      credential === null
        ? null
        : {
            clientId: credential.clientId,
            state: credential.state,
            hasRefreshToken: credential.hasRefreshToken,
            refreshTokenExpires: toTime(credential.refreshExpiresAtMs),
            lastRefreshed: toTime(credential.lastRefreshedAtMs),
          },
  };
}

export function toConsentText({ credential }: MallListing): string {
  if (credential === null) return 'no client';
  if (credential.state !== 'ACTIVE') return credential.state;
  const until = toTime(credential.refreshExpiresAtMs);
  return until === null ? 'ACTIVE' : `ACTIVE until ${until.slice(0, 10)}`;
}

function toTime(instantMs: number | null): string | null {
  return instantMs === null ? null : toSeoulTime(instantMs);
}
