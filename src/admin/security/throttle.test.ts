import { describe, expect, it } from 'vitest';
import { createThrottle } from './throttle.ts';

/** How many of so many tries are admitted. */
async function count(tries: number, admit: (i: number) => Promise<number | null>): Promise<number> {
  const waits = await Promise.all(Array.from({ length: tries }, (_, i) => admit(i)));
  return waits.filter((wait) => wait === null).length;
}

describe('tries to sign in', () => {
  it('are five for a name from one address, however it is written', async () => {
    const throttle = createThrottle();
    expect(await count(10, (i) => throttle.admit('10.0.0.1', i % 2 === 0 ? 'ann' : 'ANN'))).toBe(5);
    expect(await throttle.admit('10.0.0.1', 'ann')).toBeGreaterThan(800);
    expect(await throttle.admit('10.0.0.1', 'oli')).toBeNull();
    expect(await throttle.admit('10.0.0.2', 'ann')).toBeNull();
  });

  it('are thirty from one address, whatever the names', async () => {
    const throttle = createThrottle();
    expect(await count(40, (i) => throttle.admit('10.0.0.1', `name${i}`))).toBe(30);
    expect(await throttle.admit('10.0.0.2', 'name1')).toBeNull();
  });

  it('are thirty for one name, from however many addresses', async () => {
    const throttle = createThrottle();
    expect(await count(40, (i) => throttle.admit(`10.0.0.${i}`, 'ann'))).toBe(30);
    expect(await throttle.admit('10.0.0.1', 'oli')).toBeNull();
  });

  it('come from one address where they come from one network of IPv6', async () => {
    const throttle = createThrottle();
    expect(await count(10, (i) => throttle.admit(`2001:db8:1:2::${i}`, 'ann'))).toBe(5);
    expect(await throttle.admit('2001:db8:1:3::1', 'ann')).toBeNull();
  });

  it('do not count once one of them was right', async () => {
    const throttle = createThrottle();
    for (let round = 0; round < 9; round++) {
      expect(await count(4, () => throttle.admit('10.0.0.1', 'ann'))).toBe(4);
      await throttle.forgive('10.0.0.1', 'ann');
    }
  });
});
