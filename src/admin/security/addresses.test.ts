import { describe, expect, it } from 'vitest';
import { isLoopbackHost, normalizeAddress, parseAddressList } from './addresses.ts';

describe('a list of addresses', () => {
  it.each([
    ['10.1.2.3', true],
    ['::ffff:10.1.2.3', true],
    ['11.1.2.3', false],
    ['192.0.2.7', true],
    ['192.0.2.8', false],
    ['2001:DB8::5', true],
    ['2001:db9::5', false],
    ['not an address', false],
    ['', false],
  ])('of ranges and single ones holds %s: %s', (address, isHeld) => {
    expect(parseAddressList(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32'])?.holds(address)).toBe(isHeld);
  });

  it.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', 'proxy.example.com', '*', '2001:db8::/129', ''])(
    'does not take %j',
    (range) => {
      expect(parseAddressList([range])).toBeNull();
    },
  );
});

describe('an address to listen on', () => {
  it.each(['127.0.0.1', '127.8.8.8', 'localhost', '::1', '[::1]'])('is this computer’s own: %s', (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  });

  it.each(['0.0.0.0', '::', '192.168.0.2', 'localhost.example.com', '127.0.0.1.example.com', ''])(
    'lets others in: %j',
    (host) => {
      expect(isLoopbackHost(host)).toBe(false);
    },
  );

  it('is compared without zone and without the dress of IPv6', () => {
    expect([normalizeAddress('fe80::1%eth0'), normalizeAddress('::FFFF:10.0.0.1')]).toEqual(['fe80::1', '10.0.0.1']);
  });
});
