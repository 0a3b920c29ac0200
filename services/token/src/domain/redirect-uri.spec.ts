import fc from 'fast-check';
import { redirectUriFault } from './redirect-uri.ts';

const web = { applicationType: 'web', loopbackWeb: false } as const;
const native = { applicationType: 'native', loopbackWeb: false } as const;
const development = { applicationType: 'web', loopbackWeb: true } as const;

test.each([
  ['https', 'https://app.example/callback?a=b', web],
  ['https with its default port', 'https://app.example:443/callback', web],
  ['https on a port', 'https://app.example:8443', web],
  ['claimed https of a native application', 'https://app.example/callback', native],
  ['loopback of a native application', 'http://127.0.0.1:4000/callback', native],
  ['IPv6 loopback of a native application', 'http://[::1]/callback', native],
  ['a private-use scheme with a dot', 'com.example.app:/callback', native],
  ['loopback beside an issuer on loopback', 'http://localhost:3000/callback', development],
])('%s may be registered', (_, uri, rules) => {
  expect(redirectUriFault(uri, rules)).toBeNull();
});

test.each([
  ['a fragment', 'https://app.example/#x', web, 'fragment'],
  ['an empty fragment', 'https://app.example/#', web, 'fragment'],
  ['user information', 'https://app.example@evil.example/', web, 'user information'],
  ['an empty user', 'https://@evil.example/', web, 'user information'],
  ['a backslash', String.raw`https://app.example\@evil.example/`, web, 'backslash'],
  ['a space', 'https://app.example/a b', web, 'printable'],
  ['letters that look alike', 'https://аpp.example/', web, 'printable'],
  ['an encoded host', 'https://ex%61mple.com/', web, 'normal form'],
  ['a host in capitals', 'https://App.Example/', web, 'normal form'],
  ['one slash', 'https:/app.example/', web, 'normal form'],
  ['a number for a loopback address', 'http://2130706433/', native, 'normal form'],
  ['plain http', 'http://app.example/', web, 'https'],
  ['plain http of a native application', 'http://app.example/', native, 'https'],
  ['plain http in development', 'http://app.example/', development, 'https'],
  ['loopback of a web client', 'http://127.0.0.1/', web, 'native'],
  ['a loopback look-alike', 'http://127.0.0.1.evil.example/', native, 'https'],
  ['a private-use scheme of a web client', 'com.example.app:/callback', web, 'https'],
  ['a scheme without a dot', 'myapp:/callback', native, 'dot'],
  ['a script', 'javascript:alert(1)', native, 'dot'],
  ['data', 'data:text/html,x', native, 'dot'],
  ['a relative URI', '/callback', web, 'absolute'],
])('%s is refused', (_, uri, rules, reason) => {
  expect(redirectUriFault(uri, rules)).toContain(reason);
});

describe('whatever text is registered', () => {
  const piece = fc.constantFrom(
    ...['https:', 'http:', 'HTTPS:', '//', '/', '\\', '@', '#', '?', ':', '%40', '%2f', '.', '..', ' ', '\t'],
    ...[
      'app.example',
      'evil.example',
      'App.Example',
      '127.0.0.1',
      'localhost',
      '[::1]',
      'com.app:',
      'javascript:',
      'a',
    ],
  );
  const uris = fc.array(piece, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''));
  const anyRules = fc.constantFrom(web, native, development);

  /** What holds of every URI that may be registered, found without the rule's own means. */
  function isSafe(uri: string): boolean {
    const { protocol, host, hash, username, password } = new URL(uri);
    const plain = /^(https?):\/\/([a-z0-9.:[\]-]+)(?:[/?][^#\\]*)?$/.exec(uri);
    const noExtras = hash === '' && username === '' && password === '' && !uri.includes('#');
    if (!plain) return noExtras && /^[a-z][a-z0-9.]*\.[a-z0-9.]+:/.test(uri);
    const [, scheme, authority = ''] = plain;
    const loopback = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(authority);
    return noExtras && `${scheme}:` === protocol && authority.startsWith(host) && (scheme === 'https' || loopback);
  }

  function findUnsafe(fault: typeof redirectUriFault) {
    return fc.check(
      fc.property(uris, anyRules, (uri, rules) => fault(uri, rules) !== null || isSafe(uri)),
      { numRuns: 20_000, seed: 7591 },
    );
  }

  test('what is accepted is safe: every parser finds the same host in it, over https or on loopback', () => {
    expect(findUnsafe(redirectUriFault).counterexample).toBeNull();
  });

  test('negative control: a rule that looks at the beginning of the text is caught', () => {
    const byPrefix = (uri: string) => (URL.canParse(uri) && uri.startsWith('https://') ? null : 'refused');
    expect(findUnsafe(byPrefix).failed).toBe(true);
  });

  test('any https host and path in normal form is accepted', () => {
    const hosts = fc.domain().filter((host) => URL.parse(`https://${host}`)?.host === host);
    const paths = fc.stringMatching(/^(\/[a-z0-9._~-]{0,10}){0,4}(\?[a-z0-9=&]{0,10})?$/);
    fc.assert(fc.property(hosts, paths, (host, path) => redirectUriFault(`https://${host}${path}`, web) === null));
  });
});
