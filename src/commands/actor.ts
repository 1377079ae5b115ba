import { hostname, userInfo } from 'node:os';

/** Who is at the command line, for the audit log and for what a run was asked by. */
export function findActor(environment: Readonly<Record<string, string | undefined>>): string {
  return `${environment['USER'] ?? findUserName()}@${hostname()}`;
}

/** A container may run as a user id without a name. */
function findUserName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}
