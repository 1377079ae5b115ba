import type { Role } from '../env.ts';

/** The visitor's role does not reach; answered with 403. */
export class Refused extends Error {
  readonly needed: Role;

  constructor(needed: Role) {
    super(`needs the role ${needed}`);
    this.name = 'Refused';
    this.needed = needed;
  }
}
