import { BlockList, isIP } from 'node:net';
import { reachedAddress } from './public-address.ts';

type Entry =
  | { readonly kind: 'host'; readonly host: string; readonly port: string | undefined }
  | { readonly kind: 'network'; readonly address: string; readonly bits: number };

/** One entry of the allow-list; undefined where it is neither a network nor a host. */
export function parseDestination(text: string): Entry | undefined {
  return parseNetwork(text) ?? parseHost(text);
}

function parseNetwork(text: string): Entry | undefined {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || address.includes('%') || rest.length > 0) return undefined;
  const bitsMax = version === 4 ? 32 : 128;
  if (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= bitsMax)) return undefined;
  return { kind: 'network', address, bits: bits === undefined ? bitsMax : Number(bits) };
}

function parseHost(text: string): Entry | undefined {
  const [, host, port] = /^(\[[\da-f:.]+\]|[a-z\d](?:[a-z\d.-]*[a-z\d])?)(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const hostname = host === undefined ? undefined : URL.parse(`https://${host}`)?.hostname;
  if (hostname === undefined || Number(port ?? '0') > 65_535) return undefined;
  return { kind: 'host', host: hostname, port };
}

/**
 * What may be called although it is not public: whole hosts (`keys.internal`), hosts at one port (`keys.internal:8443`) and
 * networks (`10.1.0.0/16`, `127.0.0.1`). A host is allowed by its name, whatever its address is then.
 */
export class AllowedDestinations {
  private readonly networks = new BlockList();
  private readonly hosts = new Set<string>();

  /** Throws where an entry is none of these. */
  constructor(entries: readonly string[]) {
    for (const text of entries) {
      const entry = parseDestination(text);
      if (!entry) throw new Error(`${text} is no host, host:port or network`);
      if (entry.kind === 'network') this.networks.addSubnet(entry.address, entry.bits, familyOf(entry.address));
      else this.hosts.add(entry.port === undefined ? entry.host : `${entry.host}:${entry.port}`);
    }
  }

  /** `hostname` as `URL` writes it, `port` a decimal number, `address` what it resolved to. */
  includes({ hostname, port, address }: { hostname: string; port: string; address: string }): boolean {
    if (this.hosts.has(hostname) || this.hosts.has(`${hostname}:${port}`)) return true;
    const reached = reachedAddress(address);
    return this.networks.check(reached, familyOf(reached));
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 4 ? 'ipv4' : 'ipv6';
}
