/** Signing in was tried too often; answered with 429. */
export class TooManyTries extends Error {
  readonly waitSeconds: number;

  constructor(waitSeconds: number) {
    super('too many tries to sign in');
    this.name = 'TooManyTries';
    this.waitSeconds = waitSeconds;
  }
}
