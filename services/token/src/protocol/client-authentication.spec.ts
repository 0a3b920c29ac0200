import { basic, refusalOf, TokenHarness } from '../token.spec-support.ts';

let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('client-authentication');
}, 60_000);
afterAll(() => token.stop());

const grant = { grant_type: 'client_credentials' };

async function request(form: Record<string, string>, authorization?: string): Promise<Response> {
  const headers = authorization === undefined ? {} : { authorization };
  return fetch(`${token.issuer}/oauth/token`, { method: 'POST', headers, body: new URLSearchParams(form) });
}

const refusedClients = async () => (await token.events({ type: 'client.refused' })).map(({ data }) => data);

describe('200', () => {
  test('the secret may be sent by the Basic scheme, whatever the case of its name, or in the form', async () => {
    const { id, secret } = token.client('admin');
    expect((await request(grant, basic(id, secret))).status).toBe(200);
    expect((await request(grant, basic(id, secret).replace('Basic', 'bASIC'))).status).toBe(200);
    expect((await request({ ...grant, client_id: id }, basic(id, secret))).status).toBe(200);
    expect((await request({ ...grant, client_id: id, client_secret: secret })).status).toBe(200);
  });

  test('id and secret are form-encoded inside the header (RFC 6749 2.3.1)', async () => {
    const client = { id: 'a b:c+d', secret: `${'s'.repeat(40)}:+% ä`, grant_types: ['client_credentials'] };
    await token.seed({ clients: [client] });
    const encode = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);
    const header = `Basic ${Buffer.from(`${encode(client.id)}:${encode(client.secret)}`).toString('base64')}`;
    expect((await request(grant, header)).status).toBe(200);
  });

  test('a changed secret counts at once, although the client is remembered', async () => {
    const client = (secret: string) => ({
      id: 'rotating',
      secret: secret.repeat(43),
      grant_types: ['client_credentials'],
    });
    await token.seed({ clients: [client('a')] });
    expect((await request(grant, basic('rotating', 'a'.repeat(43)))).status).toBe(200);
    await token.seed({ clients: [client('b')] });
    expect((await request(grant, basic('rotating', 'b'.repeat(43)))).status).toBe(200);
  });
});

describe('401', () => {
  // ASVS 10.4.10
  test.each([
    ['no credentials', () => request(grant)],
    ['an id without a secret', () => request({ ...grant, client_id: 'admin' })],
    ['a wrong secret', () => request(grant, basic('admin', 'wrong'))],
    ['an unknown client', () => request(grant, basic('nobody', 'wrong'))],
    ['an empty secret', () => request(grant, basic('admin', ''))],
    ['another scheme', () => request(grant, 'Bearer abc')],
    ['no Base64', () => request(grant, 'Basic ###')],
    ['no colon', () => request(grant, `Basic ${Buffer.from('admin').toString('base64')}`)],
    ['an id with a NUL', () => request(grant, basic('admin\0', 'wrong'))],
    ['an id beyond ASCII', () => request(grant, basic('\u{1f511}', 'wrong'))],
    ['an id that is too long', () => request(grant, basic('a'.repeat(201), 'wrong'))],
    ['broken encoding', () => request(grant, `Basic ${Buffer.from('admin:%zz').toString('base64')}`)],
  ])('%s is invalid_client with a challenge', async (_, send) => {
    const response = await send();
    expect(await refusalOf(response)).toEqual([401, 'invalid_client']);
    expect(response.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  test('an unknown client and a wrong secret get the same answer, and both are audited', async () => {
    const before = (await refusedClients()).length;
    const [unknown, wrong] = [
      await request(grant, basic('nobody', 'wrong')),
      await request(grant, basic('admin', 'wrong')),
    ];
    expect(await unknown.json()).toEqual(await wrong.json());
    expect((await refusedClients()).slice(before)).toEqual([
      { client_id: 'nobody', reason: 'unknown_client' },
      { client_id: 'admin', reason: 'wrong_secret' },
    ]);
  });

  test('an id that no client can have is refused before it is looked up, recorded or cut in the middle of a character', async () => {
    const before = (await refusedClients()).length;
    for (const id of ['admin\0', `${'a'.repeat(199)}\u{1f511}`, 'a'.repeat(201)])
      expect(await refusalOf(await request(grant, basic(id, 'wrong')))).toEqual([401, 'invalid_client']);
    expect(await refusedClients()).toHaveLength(before);
    // The controls: the database takes no NUL, and a cut at 200 leaves half a character behind, which no log can hold.
    await expect(token.sql('SELECT FROM client WHERE id = $1', ['admin\0'])).rejects.toThrow(/0x00/);
    expect(`${'a'.repeat(199)}\u{1f511}`.slice(0, 200).isWellFormed()).toBe(false);
  });

  test('neither the presented nor the right secret is in what was published', async () => {
    await request(grant, basic('admin', 'a-wrong-secret-to-look-for'));
    const published = JSON.stringify(await token.events());
    expect(published).not.toContain('a-wrong-secret-to-look-for');
    expect(published).not.toContain(token.client('admin').secret);
  });
});

describe('400', () => {
  test('two methods at once, or two different ids, are refused (RFC 6749 2.3)', async () => {
    const { id, secret } = token.client('admin');
    const twice = { ...grant, client_id: id, client_secret: secret };
    expect(await refusalOf(await request(twice, basic(id, secret)))).toEqual([400, 'invalid_request']);
    expect(await refusalOf(await request({ ...grant, client_id: 'demo' }, basic(id, secret)))).toEqual([
      400,
      'invalid_request',
    ]);
  });
});
