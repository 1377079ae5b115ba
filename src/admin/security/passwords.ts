import { UNMATCHABLE_HASH, verifyPassword } from './scrypt.ts';
import type { Security } from './security.ts';
import { TooManyTries } from './too-many-tries.ts';
import type { User } from './users-file.ts';

const LONGEST_PASSWORD = 1_000;

/**
 * The user whose password this is, or null; a name that nobody has takes as long as a wrong password.
 * @throws TooManyTries
 */
export async function checkPassword(
  security: Security,
  name: string,
  password: string,
  address: string,
): Promise<User | null> {
  const waitSeconds = await security.throttle.admit(address, name);
  if (waitSeconds !== null) {
    security.onSignIn('too_many_tries');
    throw new TooManyTries(waitSeconds);
  }
  const user = (await security.users?.find(name)) ?? null;
  const isRight = await verifyPassword(password.slice(0, LONGEST_PASSWORD), user?.passwordHash ?? UNMATCHABLE_HASH);
  const isAdmitted = user !== null && isRight && password.length <= LONGEST_PASSWORD;
  security.onSignIn(isAdmitted ? 'done' : 'refused');
  if (!isAdmitted) return null;
  await security.throttle.forgive(address, name);
  return user;
}
