import { isIPv6 } from 'node:net';

/** The network that one customer commands, as far as an address tells: an IPv4 /24 or an IPv6 /64. */
export function ipPrefix(ip: string): string {
  const mapped = ip.startsWith('::ffff:') && ip.includes('.') ? ip.slice('::ffff:'.length) : ip;
  if (!isIPv6(mapped)) return `${mapped.slice(0, mapped.lastIndexOf('.'))}.0/24`;
  const [address = ''] = mapped.split('%');
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array<string>(Math.max(0, zeros)).fill('0'), ...right].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
