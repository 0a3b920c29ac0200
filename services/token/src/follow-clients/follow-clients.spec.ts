import { jest } from '@jest/globals';
import type { RunningService } from '@gatehouse/http';
import { metrics } from '@gatehouse/telemetry';
import { eventually } from '@gatehouse/testing';
import { Clients } from '../store/clients.ts';
import { basic, Permissions, TokenHarness } from '../token.spec-support.ts';

let token: TokenHarness;
let permissions: Permissions;
let other: RunningService;
let admin: string;
beforeAll(async () => {
  token = await TokenHarness.start('follow-clients');
  permissions = await Permissions.start(token.suite);
  other = await token.another();
  admin = await token.adminToken();
}, 90_000);
afterAll(async () => {
  await other?.close();
  await permissions?.stop();
  await token.stop();
});

interface Client {
  readonly client_id: string;
  readonly client_secret: string;
}

async function create(): Promise<Client> {
  const json = { metadata: { grant_types: ['client_credentials'] } };
  return (await (await token.call('POST', '/api/v1/clients', { as: admin, json })).json()) as Client;
}

/** Asks the other instance for a token, which makes it remember the client. */
const issuedElsewhere = ({ client_id, client_secret }: Client) =>
  fetch(`${other.url}/oauth/token`, {
    method: 'POST',
    headers: { authorization: basic(client_id, client_secret) },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
const disable = ({ client_id }: Client) => token.call('POST', `/api/v1/clients/${client_id}/disable`, { as: admin });

test('a client that one instance disables is refused by another one within a second', async () => {
  const client = await create();
  expect((await issuedElsewhere(client)).status).toBe(200);
  expect((await disable(client)).status).toBe(200);
  await eventually(async () => expect((await issuedElsewhere(client)).status).toBe(401), { within: '1s' });
});

test('negative control: an instance that does not follow goes on accepting the client', async () => {
  const clients = other.app.get<Clients>(Clients, { strict: false });
  const forget = jest.spyOn(clients, 'forget').mockImplementation(() => undefined);
  try {
    const client = await create();
    expect((await issuedElsewhere(client)).status).toBe(200);
    await disable(client);
    await eventually(() => expect(forget).toHaveBeenCalledWith(client.client_id), { within: '10s' });
    expect((await issuedElsewhere(client)).status).toBe(200);
  } finally {
    forget.mockRestore();
  }
});

test('a token that another instance issues before it hears of it is revoked all the same', async () => {
  const clients = other.app.get<Clients>(Clients, { strict: false });
  const forget = jest.spyOn(clients, 'forget').mockImplementation(() => undefined);
  try {
    const client = await create();
    await issuedElsewhere(client);
    await disable(client);
    // Seconds count in `iat`: only one that is issued in a later second than the revocation proves something.
    const disabledAtS = Math.floor(Date.now() / 1_000);
    const late = await eventually(
      async () => {
        expect(Math.floor(Date.now() / 1_000)).toBeGreaterThan(disabledAtS);
        return ((await (await issuedElsewhere(client)).json()) as { access_token: string }).access_token;
      },
      { within: '5s' },
    );
    await eventually(async () => expect((await token.me(late)).status).toBe(401), { within: '5s' });
  } finally {
    forget.mockRestore();
  }
});

test('what was read before a change is not kept after it', async () => {
  const clients = token.part(Clients);
  const { client_id } = await create();
  const reading = clients.find(client_id);
  clients.forget(client_id);
  expect((await reading)?.id).toBe(client_id);
  expect(clients.remembered(client_id)).toBeUndefined();
});

test('how often a client was remembered is a metric', async () => {
  const client = await create();
  const before = await hits();
  for (const _ of [1, 2, 3]) await issuedElsewhere(client);
  expect((await hits()) - before).toBe(2);
});

async function hits(): Promise<number> {
  const { values } = (await metrics.getSingleMetric('client_cache_requests_total')?.get()) ?? { values: [] };
  return values.find(({ labels }) => labels['outcome'] === 'hit')?.value ?? 0;
}
