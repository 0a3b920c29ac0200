import { lookup } from 'node:dns';
import { request, type IncomingMessage, type RequestListener } from 'node:http';
import { auditHardening, defineConfig, loadConfig } from '@gatehouse/config';
import fc from 'fast-check';
import { isPublicAddress, OutboundClient, OutboundFailed, OutboundRefused, outboundSettings } from './index.ts';
import type { OutboundClientOptions, Resolve } from './index.ts';
import { certificate, closeServers, rebinding, serve } from './outbound.spec-support.ts';

afterEach(closeServers);

const json =
  (value: unknown): RequestListener =>
  (_request, response) =>
    void response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
const local = (options: OutboundClientOptions = {}) => new OutboundClient({ allowed: ['127.0.0.1'], ...options });
const resolvingTo =
  (...addresses: string[]): Resolve =>
  () =>
    Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));

/** Resolves with what was thrown; fails where the call succeeds. */
async function refusalOf(call: Promise<unknown>): Promise<OutboundRefused | OutboundFailed> {
  const error = await call.then(
    () => new Error('the call succeeded'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof OutboundRefused || error instanceof OutboundFailed) return error;
  throw error;
}

describe('what it may call', () => {
  test('a document of an https server, under the name that its certificate has', async () => {
    const port = await serve(json({ keys: [] }), { secure: true });
    const client = local({ ca: certificate, resolve: resolvingTo('127.0.0.1') });
    await expect(client.getJson(`https://keys.test:${port}/jwks`)).resolves.toEqual({ keys: [] });
  });

  test('no https server whose certificate is of another name, or of nobody it trusts', async () => {
    const port = await serve(json({ keys: [] }), { secure: true });
    const trusting = local({ ca: certificate, resolve: resolvingTo('127.0.0.1') });
    for (const host of ['other.test', '127.0.0.1'])
      expect(await refusalOf(trusting.getJson(`https://${host}:${port}/`))).toBeInstanceOf(OutboundFailed);
    const strict = local({ resolve: resolvingTo('127.0.0.1') });
    expect(await refusalOf(strict.getJson(`https://keys.test:${port}/`))).toBeInstanceOf(OutboundFailed);
  });

  test.each([
    ['a name of this machine', 'https://localhost/', ['127.0.0.1', '::1']],
    ['a name of the inner network', 'https://db.internal/', ['10.0.0.5']],
    ['a name with one inner address among public ones', 'https://two.test/', ['1.1.1.1', '192.168.0.1', '1.0.0.1']],
    ['an IPv4 address', 'https://127.0.0.1/', []],
    ['an IPv4 address as one number', 'https://2130706433/', []],
    ['an IPv4 address in octal', 'https://0177.0.0.01/', []],
    ['an IPv4 address in hexadecimal', 'https://0x7f.1/', []],
    ['an IPv4 address in fullwidth digits', 'https://１２７.0.0.1/', []],
    ["a cloud's metadata service", 'https://169.254.169.254/latest/meta-data/', []],
    ['an IPv6 address', 'https://[::1]/', []],
    ['an IPv4-mapped address', 'https://[::ffff:127.0.0.1]/', []],
    ['a NAT64 address', 'https://[64:ff9b::7f00:1]/', []],
    ['a unique local address', 'https://[fd00::1]/', []],
  ])('not %s', async (_, url, addresses) => {
    const error = await refusalOf(new OutboundClient({ resolve: resolvingTo(...addresses) }).getJson(url));
    expect(error).toBeInstanceOf(OutboundRefused);
    expect(error.reason).toBe('The host has no address that may be called.');
  });

  test('a name that does not exist is refused in the words of one that is not public', async () => {
    const client = new OutboundClient({ resolve: () => Promise.reject(new Error('ENOTFOUND')) });
    for (const none of [client, new OutboundClient({ resolve: resolvingTo() })])
      expect((await refusalOf(none.getJson('https://nowhere.test/'))).reason).toBe(
        'The host has no address that may be called.',
      );
  });

  test.each([
    ['http', 'http://example.com/', 'The URL is not https.'],
    ['a file', 'file:///etc/passwd', 'The URL is not https.'],
    ['another protocol', 'gopher://example.com/', 'The URL is not https.'],
    ['credentials', 'https://user:secret@example.com/', 'The URL has credentials in it.'],
    ['a userinfo that looks like a host', 'https://example.com@127.0.0.1/', 'The URL has credentials in it.'],
    ['no URL', '//example.com', 'The URL is not valid.'],
    ['no host', 'https://', 'The URL is not valid.'],
    ['more than 2,048 characters', `https://example.com/${'a'.repeat(2_048)}`, 'The URL is not valid.'],
  ])('no URL with %s', async (_, url, reason) => {
    const error = await refusalOf(new OutboundClient({ resolve: resolvingTo('1.1.1.1') }).getJson(url));
    expect(error).toBeInstanceOf(OutboundRefused);
    expect(error.reason).toBe(reason);
  });

  test('http only to an allowed loopback address, and to nothing else that is allowed', async () => {
    const port = await serve(json('here'));
    await expect(local().getJson(`http://127.0.0.1:${port}/`)).resolves.toBe('here');
    const inner = new OutboundClient({ allowed: ['10.0.0.0/8', 'db.internal'], resolve: resolvingTo('10.0.0.5') });
    expect((await refusalOf(inner.getJson('http://10.0.0.5/'))).reason).toBe('The URL is not https.');
    expect((await refusalOf(inner.getJson('http://db.internal/'))).reason).toBe('The URL is not https.');
  });

  test('a host that is allowed by name, by name and port, or by network, and no other', async () => {
    const port = await serve(json('here'), { secure: true });
    const resolve = resolvingTo('127.0.0.1');
    const url = `https://keys.test:${port}/`;
    for (const entry of ['keys.test', 'KEYS.test', `keys.test:${port}`, '127.0.0.0/8', '127.0.0.1'])
      await expect(new OutboundClient({ allowed: [entry], ca: certificate, resolve }).getJson(url)).resolves.toBe(
        'here',
      );
    for (const entry of ['test', 'ys.test', `keys.test:${port + 1}`, '127.0.0.2', '10.0.0.0/8', 'keys.test.evil.test'])
      expect(await refusalOf(new OutboundClient({ allowed: [entry], resolve }).getJson(url))).toBeInstanceOf(
        OutboundRefused,
      );
  });

  test('no address outside of what is public, whatever a name resolves to', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.ipV4(), fc.ipV6()), async (address) => {
        fc.pre(!isPublicAddress(address));
        const error = await refusalOf(
          new OutboundClient({ resolve: resolvingTo(address) }).getJson('https://name.test/'),
        );
        expect(error).toBeInstanceOf(OutboundRefused);
      }),
    );
  });
});

describe('a name that means another address when it is asked again', () => {
  /** What a client reads from a name that first means an allowed server and then an inner one, at the same port. */
  async function readBehindRebinding(get: (url: string, resolve: Resolve) => Promise<unknown>) {
    const port = await serve(json('inner'), { host: '127.0.0.1' });
    await serve(json('allowed'), { host: '127.0.0.2', port });
    const resolve = rebinding('127.0.0.2', '127.0.0.1');
    return { read: await get(`http://name.test:${port}/`, resolve), questions: resolve.questions() };
  }

  test('is asked once, and the connection goes to the address that was checked', async () => {
    const get = (url: string, resolve: Resolve) => new OutboundClient({ allowed: ['127.0.0.2'], resolve }).getJson(url);
    await expect(readBehindRebinding(get)).resolves.toEqual({ read: 'allowed', questions: 1 });
  });

  test('negative control: a check before a connection that resolves again reads from the inner server', async () => {
    const get = async (url: string, resolve: Resolve) => {
      const [first] = await resolve('name.test');
      expect(first?.address).toBe('127.0.0.2');
      const again = (name: string, { all }: { all?: boolean }, done: (...result: unknown[]) => void) =>
        void resolve(name).then((found) => (all ? done(null, found) : done(null, found[0]?.address, found[0]?.family)));
      const response = await new Promise<IncomingMessage>((answered, failed) =>
        request(url, { lookup: again as unknown as typeof lookup, agent: false }, answered)
          .on('error', failed)
          .end(),
      );
      return JSON.parse(Buffer.concat(await response.toArray()).toString()) as unknown;
    };
    await expect(readBehindRebinding(get)).resolves.toEqual({ read: 'inner', questions: 2 });
  });

  test('is asked again by the next call, so that nothing of an earlier check is used', async () => {
    const port = await serve(json('here'));
    const client = local({ resolve: rebinding('127.0.0.1', '10.0.0.1') });
    await expect(client.getJson(`http://name.test:${port}/`)).resolves.toBe('here');
    expect(await refusalOf(client.getJson(`http://name.test:${port}/`))).toBeInstanceOf(OutboundRefused);
  });
});

describe('what it takes for an answer', () => {
  test.each([301, 302, 303, 307, 308])('no redirect (%i): the place that it names is never asked', async (status) => {
    let asked = 0;
    const target = await serve((_request, response) => void ((asked += 1), response.end()));
    const port = await serve(
      (_, response) => void response.writeHead(status, { location: `http://127.0.0.1:${target}/` }).end(),
    );
    expect((await refusalOf(local().getJson(`http://127.0.0.1:${port}/`))).reason).toBe('The answer is a redirect.');
    expect(await refusalOf(local().postForm(`http://127.0.0.1:${port}/`, {}))).toBeInstanceOf(OutboundRefused);
    expect(asked).toBe(0);
  });

  test('no more than the limit, of a body that would never end', async () => {
    let closed = false;
    const port = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).on('close', () => (closed = true));
      const more = () => {
        while (!response.destroyed && response.write(' '.repeat(4_096)));
      };
      response.on('drain', more);
      more();
    });
    const error = await refusalOf(local().getJson(`http://127.0.0.1:${port}/`, { maxBytes: 10_000 }));
    expect(error).toBeInstanceOf(OutboundFailed);
    expect(error.reason).toBe('The answer is too large.');
    await new Promise<void>((done) => {
      const look = () => (closed ? done() : void setImmediate(look));
      look();
    });
  });

  test('a body of exactly the limit, and none of one byte more', async () => {
    const port = await serve(json('x'.repeat(98)));
    await expect(local().getJson(`http://127.0.0.1:${port}/`, { maxBytes: 100 })).resolves.toHaveLength(98);
    const error = await refusalOf(local().getJson(`http://127.0.0.1:${port}/`, { maxBytes: 99 }));
    expect(error.reason).toBe('The answer is too large.');
  });

  test.each<[string, RequestListener]>([
    [
      'a body that comes a byte at a time',
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const drip = setInterval(() => response.write(' '), 10);
        response.on('close', () => clearInterval(drip));
      },
    ],
    ['no answer at all', () => undefined],
  ])('nothing after the deadline: %s', async (_, handler) => {
    const port = await serve(handler);
    const error = await refusalOf(local().getJson(`http://127.0.0.1:${port}/`, { timeoutMs: 200 }));
    expect(error).toBeInstanceOf(OutboundFailed);
    expect(error.reason).toBe('The answer did not come in time.');
  });

  test('nothing after the deadline: a name service that is silent', async () => {
    const client = new OutboundClient({ resolve: () => new Promise(() => undefined) });
    const error = await refusalOf(client.getJson('https://name.test/', { timeoutMs: 100 }));
    expect(error.reason).toBe('The answer did not come in time.');
  });

  test.each<[string, string, RequestListener]>([
    ['another status', 'The answer was 404, not 200.', (_, response) => void response.writeHead(404).end('{}')],
    [
      'another content type',
      'The answer is not of a JSON content type.',
      (_, response) => void response.setHeader('content-type', 'text/html').end('{}'),
    ],
    [
      'no JSON',
      'The answer is not JSON.',
      (_, response) => void response.setHeader('content-type', 'application/json').end('{'),
    ],
    [
      'no UTF-8',
      'The answer is not JSON.',
      (_, response) => void response.setHeader('content-type', 'application/json').end(Buffer.from([0x22, 0xff, 0x22])),
    ],
    [
      'compression',
      'The answer is compressed.',
      (_, response) => void response.setHeader('content-encoding', 'gzip').end(),
    ],
    [
      'headers without end',
      'The host cannot be reached.',
      (_, response) => void response.setHeader('x-long', 'a'.repeat(20_000)).end(),
    ],
  ])('no document with %s', async (_, reason, handler) => {
    const error = await refusalOf(local().getJson(`http://127.0.0.1:${await serve(handler)}/`));
    expect(error).toBeInstanceOf(OutboundFailed);
    expect(error.reason).toBe(reason);
  });

  test('a key set by its own content type, and any type where the caller asks for that', async () => {
    const typed =
      (type: string): RequestListener =>
      (_, response) =>
        void response.setHeader('content-type', type).end('{}');
    const jwks = await serve(typed('application/jwk-set+json; charset=utf-8'));
    await expect(local().getJson(`http://127.0.0.1:${jwks}/`)).resolves.toEqual({});
    const text = await serve(typed('text/plain'));
    await expect(local().getJson(`http://127.0.0.1:${text}/`, { anyContentType: true })).resolves.toEqual({});
  });

  test('the status and the body of whoever was sent a form', async () => {
    const port = await serve((incoming, response) => {
      const form = incoming.toArray().then((chunks) => Buffer.concat(chunks as Buffer[]).toString());
      void form.then((text) => response.writeHead(400).end(`${incoming.headers['content-type']} ${text}`));
    });
    const answer = await local().postForm(`http://127.0.0.1:${port}/logout?x=1`, { logout_token: 'a.b.c&d' });
    expect(answer).toEqual({ status: 400, body: 'application/x-www-form-urlencoded logout_token=a.b.c%26d' });
  });

  test('a reason for the public that names no address, with the details in the private cause', async () => {
    const error = await refusalOf(
      new OutboundClient({ resolve: resolvingTo('10.9.8.7') }).getJson('https://name.test/'),
    );
    expect(error.message).not.toContain('10.9.8.7');
    expect(String(error.cause)).toContain('10.9.8.7');
  });
});

describe('the setting', () => {
  const parse = (OUTBOUND_ALLOWED?: string) => loadConfig(defineConfig(outboundSettings), { OUTBOUND_ALLOWED });

  test('allows nothing unless set', () => {
    expect(parse()).toEqual({ OUTBOUND_ALLOWED: [] });
  });

  test('takes hosts, hosts with a port, addresses and networks', () => {
    const text = 'keys.internal, keys.internal:8443, 10.1.0.0/16, ::1, fd00::/8, [::1]:8443';
    expect(parse(text).OUTBOUND_ALLOWED).toEqual(text.split(', '));
  });

  test.each(['https://keys.internal', 'keys.internal/path', '10.0.0.0/33', '*.internal', 'keys:70000', 'a b', ''])(
    'refuses %p',
    (text) => {
      expect(() => parse(`ok.internal,${text}`)).toThrow(/OUTBOUND_ALLOWED must be hosts, host:port or networks/);
    },
  );

  test.each(['127.0.0.1', '::1', '0.0.0.0/0', '[::1]:443', 'localhost:3000', 'a.localhost'])(
    'is unsafe in production where it lets clients point to this machine: %s',
    (text) => {
      const finding = 'OUTBOUND_ALLOWED lets clients point to this machine or to every address';
      expect(auditHardening(outboundSettings, parse(text))).toEqual([finding]);
      expect(auditHardening(outboundSettings, parse('keys.internal,10.1.0.0/16'))).toEqual([]);
    },
  );
});
