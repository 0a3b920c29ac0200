import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OutboundClient } from '@gatehouse/outbound';
import { SectorIdentifiers } from '../protocol/sector-identifiers.ts';
import { Permissions, TokenHarness } from '../token.spec-support.ts';

const URIS = ['https://one.example/callback', 'https://two.example/callback'];
const SECTOR = 'https://sector.example/redirect-uris.json';
/** What the sector's host answers at each path; it is reached under its https name through the one real guarded client. */
const lists = new Map<string, unknown>();
const host = createServer((request, response) => {
  const list = lists.get(request.url ?? '');
  response.writeHead(list === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(list));
});
let token: TokenHarness;
let permissions: Permissions;
let fetched = 0;
beforeAll(async () => {
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
  const { port } = host.address() as AddressInfo;
  token = await TokenHarness.start('sector-identifier', { CLIENT_REGISTRATION: 'open' });
  permissions = await Permissions.start(token.suite);
  const real = new OutboundClient({ allowed: [`127.0.0.1:${port}`] });
  const outbound = token.part(OutboundClient);
  const guarded = outbound.getJson.bind(outbound);
  outbound.getJson = (url, limits) => {
    fetched += 1;
    const { hostname, pathname } = new URL(url);
    return hostname === 'sector.example'
      ? real.getJson(`http://127.0.0.1:${port}${pathname}`, limits)
      : guarded(url, limits);
  };
}, 60_000);
afterAll(async () => {
  await token.stop();
  await permissions.stop();
  host.close();
});
beforeEach(() => {
  lists.clear();
  fetched = 0;
});

const pairwise = (changes: object = {}) => ({
  redirect_uris: URIS,
  subject_type: 'pairwise',
  sector_identifier_uri: SECTOR,
  ...changes,
});

interface Answer {
  readonly status: number;
  readonly body: Record<string, string>;
}
async function read(response: Response): Promise<Answer> {
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}
const clients = async () => (await token.sql('SELECT id FROM client')).length;
const register = async (metadata: object) => read(await token.postJson('/oauth/register', metadata));

describe('the list behind sector_identifier_uri (OIDC Registration 5)', () => {
  test('that names every redirect URI lets the client in', async () => {
    lists.set('/redirect-uris.json', [...URIS, 'https://three.example/']);
    const { status, body } = await register(pairwise());
    expect([status, body]).toMatchObject([201, { subject_type: 'pairwise', sector_identifier_uri: SECTOR }]);
  });

  test.each<[string, unknown, string]>([
    ['names one of them only', [URIS[0]], `does not list ${URIS[1]}`],
    ['names something that begins like it', [URIS[0], `${URIS[1]}/more`], `does not list ${URIS[1]}`],
    ['is no list', { redirect_uris: URIS }, 'is no JSON list of redirect URIs'],
    ['holds more than text', [...URIS, 7], 'is no JSON list of redirect URIs'],
    ['is not there', undefined, 'cannot be fetched'],
  ])('that %s does not', async (_, list, reason) => {
    if (list !== undefined) lists.set('/redirect-uris.json', list);
    const before = await clients();
    const { status, body } = await register(pairwise());
    expect([status, body['error']]).toEqual([400, 'invalid_client_metadata']);
    expect(body['error_description']).toContain(reason);
    expect(await clients()).toBe(before);
  });

  test('is fetched by the guarded client: not from an inner address', async () => {
    const { status, body } = await register(pairwise({ sector_identifier_uri: 'https://127.0.0.1/list' }));
    expect([status, body['error']]).toEqual([400, 'invalid_client_metadata']);
    expect(body['error_description']).toContain('cannot be fetched');
  });

  test('is looked at for public subjects too, where it is given, and is not asked for what is wrong anyway', async () => {
    expect((await register(pairwise({ subject_type: 'public' }))).status).toBe(400);
    expect(fetched).toBe(1);
    expect((await register(pairwise({ grant_types: ['password'] }))).status).toBe(400);
    expect(fetched).toBe(1);
  });

  test('counts for administrators, whose error names the member', async () => {
    const create = async () =>
      read(
        await token.call('POST', '/api/v1/clients', { as: await token.adminToken(), json: { metadata: pairwise() } }),
      );
    expect(await create()).toMatchObject({
      status: 400,
      body: { code: 'invalid-input', errors: [{ pointer: '#/metadata/sector_identifier_uri' }] },
    });
    lists.set('/redirect-uris.json', URIS);
    expect((await create()).status).toBe(201);
  });

  test('is looked at again when the client changes, and never for a stranger', async () => {
    lists.set('/redirect-uris.json', URIS);
    const { body } = await register(pairwise());
    const { registration_access_token: own = '', client_id = '' } = body;
    const change = async (as: string, redirect_uris: string[]) =>
      read(
        await token.call('PUT', `/oauth/register/${client_id}`, {
          as,
          json: pairwise({ client_id, redirect_uris }),
        }),
      );
    fetched = 0;
    expect((await change(`${own}x`, URIS)).status).toBe(401);
    expect(fetched).toBe(0);
    const refused = await change(own, [...URIS, 'https://three.example/']);
    expect([refused.status, refused.body['error_description']]).toEqual([
      400,
      'sector_identifier_uri does not list https://three.example/',
    ]);
    expect((await change(own, URIS)).status).toBe(200);
  });
});

test('negative control: where nobody looks at the list, a stranger shares the subjects of a sector', async () => {
  const sectors = token.part(SectorIdentifiers);
  const faultsOf = sectors.faultsOf.bind(sectors);
  sectors.faultsOf = () => Promise.resolve([]);
  try {
    lists.set('/redirect-uris.json', URIS);
    expect((await register(pairwise({ redirect_uris: ['https://stranger.example/'] }))).status).toBe(201);
  } finally {
    sectors.faultsOf = faultsOf;
  }
  expect((await register(pairwise({ redirect_uris: ['https://stranger.example/'] }))).status).toBe(400);
});
