export interface RedirectUriRules {
  readonly applicationType: 'web' | 'native';
  /** The issuer itself is http on loopback (development), so web clients may live there too. */
  readonly loopbackWeb: boolean;
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };
/** RFC 8252 7.1: a domain of the application's maker, reversed, so that there is a dot in it. */
const PRIVATE_USE_SCHEME = /^[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:(?!\/\/[^/?]*@)/;

/**
 * What is wrong with a redirect URI that a client wants to register; null where nothing is. OAuth 2.1 2.3, OIDC
 * Registration 2 (`application_type`), RFC 8252 7. Everything that parsers are known to read in different ways is
 * refused, so that the host that is compared is the host that the browser goes to.
 */
export function redirectUriFault(uri: string, rules: RedirectUriRules): string | null {
  if (!/^[\x21-\x7e]+$/.test(uri)) return 'must be printable ASCII without spaces';
  if (uri.includes('#')) return 'must not have a fragment';
  if (uri.includes('\\')) return 'must not have a backslash';
  const url = URL.parse(uri);
  if (!url) return 'must be an absolute URI';
  if (url.protocol === 'https:' || url.protocol === 'http:') return webFault(uri, url, rules);
  if (rules.applicationType !== 'native') return 'must be https';
  return PRIVATE_USE_SCHEME.test(uri)
    ? null
    : 'must be https, http on loopback, or a private-use scheme with a dot in it (RFC 8252 7.1)';
}

function webFault(uri: string, url: URL, { applicationType, loopbackWeb }: RedirectUriRules): string | null {
  const authority = /^https?:\/\/([^/?]+)/.exec(uri)?.[1];
  if (authority?.includes('@')) return 'must not have user information';
  if (authority !== url.host && authority !== `${url.hostname}:${DEFAULT_PORTS[url.protocol]}`)
    return 'must name its host in the normal form: lower case, no percent-encoding';
  if (url.protocol === 'https:') return null;
  if (!isLoopbackHost(url.hostname)) return 'must be https; http is for loopback only';
  if (applicationType === 'native' || loopbackWeb) return null;
  return 'must be https; http on loopback is for native applications';
}

function isLoopbackHost(hostname: string): boolean {
  return hostname === '127.0.0.1' || hostname === '[::1]' || hostname === 'localhost';
}
