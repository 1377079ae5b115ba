import { BlockList, isIP } from 'node:net';

/** IPv4 in IPv6 as plain IPv4, zones cut off. */
export function normalizeAddress(address: string): string {
  const plain = address.split('%', 1)[0] ?? '';
  return plain.toLowerCase().startsWith('::ffff:') && isIP(plain.slice(7)) === 4 ? plain.slice(7) : plain.toLowerCase();
}

export function isLoopbackAddress(address: string): boolean {
  const plain = normalizeAddress(address);
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}

/** Of what a server is told to listen on: an address, or the one name that stands for them. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || isLoopbackAddress(host.replace(/^\[(.*)\]$/, '$1'));
}

export interface AddressList {
  holds(address: string): boolean;
}

/** @param ranges addresses and CIDR ranges. @returns null when one of them is neither */
export function parseAddressList(ranges: readonly string[]): AddressList | null {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits, ...rest] = range.split('/');
    const family = isIP(address);
    const most = family === 4 ? 32 : 128;
    if (family === 0 || rest.length > 0) return null;
    if (bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > most)) return null;
    list.addSubnet(address, bits === undefined ? most : Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  }
  return {
    holds(address) {
      const plain = normalizeAddress(address);
      const family = isIP(plain);
      return family !== 0 && list.check(plain, family === 4 ? 'ipv4' : 'ipv6');
    },
  };
}
