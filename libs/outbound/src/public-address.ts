import { BlockList, isIP } from 'node:net';

/** IANA's special-purpose registry for IPv4: everything that no public server has, and what RFC 6890 keeps off the wire. */
const specialIpv4 = blockList('ipv4', [
  '0.0.0.0/8', // this network
  '10.0.0.0/8',
  '100.64.0.0/10', // carriers' NAT
  '127.0.0.0/8',
  '169.254.0.0/16', // link-local, and the metadata services of clouds
  '172.16.0.0/12',
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16',
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and the broadcast address
]);
/** All that IANA has given out as global unicast; loopback, link-local, unique local and multicast lie outside. */
const globalIpv6 = blockList('ipv6', ['2000::/3']);
const specialIpv6 = blockList('ipv6', [
  '2001::/23', // protocol assignments: Teredo, ORCHID, benchmarks
  '2001:db8::/32', // documentation
  '3fff::/20', // documentation
]);

function blockList(family: 'ipv4' | 'ipv6', networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    list.addSubnet(address, Number(bits), family);
  }
  return list;
}

/**
 * The address that a packet to `address` reaches in the end: the IPv4 one inside an IPv4-mapped (RFC 4291 2.5.5.2), a NAT64
 * (RFC 6052 2.1) and a 6to4 (RFC 3056) address, else the address itself.
 */
export function reachedAddress(address: string): string {
  if (isIP(address) !== 6 || address.includes('%')) return address;
  const bytes = bytesOf(address);
  const prefix = bytes.subarray(0, 12).toString('hex');
  if (prefix === '00000000000000000000ffff' || prefix === '0064ff9b0000000000000000')
    return bytes.subarray(12).join('.');
  return prefix.startsWith('2002') ? bytes.subarray(2, 6).join('.') : address;
}

/** Whether `address` is one that a server on the public internet can have; false for what is no IP address. */
export function isPublicAddress(address: string): boolean {
  // A zone names an interface of this machine, which only a link-local address needs.
  if (address.includes('%')) return false;
  const reached = reachedAddress(address);
  switch (isIP(reached)) {
    case 4:
      return !specialIpv4.check(reached, 'ipv4');
    case 6:
      return globalIpv6.check(reached, 'ipv6') && !specialIpv6.check(reached, 'ipv6');
    default:
      return false;
  }
}

/** Whether `address` is this machine. */
export function isLoopbackAddress(address: string): boolean {
  const reached = reachedAddress(address);
  return isIP(reached) === 4
    ? reached.startsWith('127.')
    : isIP(reached) === 6 && bytesOf(reached).equals(loopbackIpv6);
}

const loopbackIpv6 = Buffer.from(`${'00'.repeat(15)}01`, 'hex');

/** The URL parser writes every form of an IPv6 address as groups of hexadecimal digits, with at most one `::`. */
function bytesOf(ipv6: string): Buffer {
  const [head = '', tail = ''] = new URL(`http://[${ipv6.replace(/%.*/, '')}]`).hostname.slice(1, -1).split('::');
  const [before, after] = [head, tail].map((part) => part.split(':').filter(Boolean)) as [string[], string[]]; // -- two parts
  const groups = [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}
