import { isLoopbackHost, parseAddressList } from '../../admin/security/addresses.ts';
import type { SecuritySettings } from '../../admin/security/security.ts';
import { openUsersFile } from '../../admin/security/users-file.ts';
import type { Logger } from '../../adapters/telemetry/log.ts';
import { EXIT } from '../../domain/exit-code.ts';
import { SettingsError } from '../settings/read-settings.ts';
import type { PageSettings } from './page-settings.ts';

/**
 * How visitors are known.
 * @throws SettingsError with exit code 78 when strangers could reach the page unasked, or passwords would go openly
 */
export async function openPageAccess(
  settings: PageSettings,
  { host, localName, log }: { readonly host: string; readonly localName: string; readonly log: Logger },
): Promise<SecuritySettings> {
  const { usersFile, trustedProxies, proxyUserHeader, proxyRole, sessionHours, sessionIdleMinutes } = settings;
  assertReachIsGuarded(settings, host);
  const addresses = parseAddressList(trustedProxies ?? []);
  const onTrouble = (error: unknown): void => log.error('the users file cannot be read: nobody can sign in', { error });
  return {
    users: usersFile === undefined ? null : await openUsersFile(usersFile, onTrouble),
    proxy:
      trustedProxies === undefined || addresses === null
        ? null
        : { addresses, header: proxyUserHeader, role: proxyRole ?? null },
    localName,
    sessionHours,
    idleMinutes: sessionIdleMinutes,
  };
}

function assertReachIsGuarded({ usersFile, trustedProxies, publicUrl }: PageSettings, host: string): void {
  if (isLoopbackHost(host)) return;
  if (usersFile === undefined && trustedProxies === undefined) {
    throw new SettingsError(EXIT.config, [
      `the page would be open to everybody who reaches ${host}: give MALLSYNC_USERS_FILE (lines by \`mallsync admin-user\`) or MALLSYNC_TRUSTED_PROXIES, or listen on 127.0.0.1`,
    ]);
  }
  if (usersFile !== undefined && publicUrl === undefined) {
    throw new SettingsError(EXIT.config, [
      `MALLSYNC_PUBLIC_URL is missing: it must be the https address under which visitors find the page that listens on ${host}, for passwords and cookies go over https only; http://localhost:8080 will do for a port-forward`,
    ]);
  }
}
