import { jest } from '@jest/globals';
import type { RunningService } from '@gatehouse/http';
import { metrics } from '@gatehouse/telemetry';
import { eventually } from '@gatehouse/testing';
import { KnownResources } from '../protocol/known-resources.ts';
import { ResourceRecords } from '../store/resources.ts';
import { basic, Permissions, TokenHarness } from '../token.spec-support.ts';

let token: TokenHarness;
let permissions: Permissions;
let other: RunningService;
let as: string;
beforeAll(async () => {
  token = await TokenHarness.start('follow-resources');
  permissions = await Permissions.start(token.suite);
  other = await token.another();
  as = await token.adminToken();
}, 90_000);
afterAll(async () => {
  await other?.close();
  await permissions?.stop();
  await token.stop();
});

const PATH = '/api/v1/resources';
const urlOf = (name: string) => `https://${name}.example`;
const add = async (name: string) =>
  expect((await token.call('POST', PATH, { as, json: { name, url: urlOf(name) } })).status).toBe(201);
const remove = async (name: string) => expect((await token.call('DELETE', `${PATH}/${name}`, { as })).status).toBe(204);

/** Asks the other instance for a token for the resource. */
async function statusElsewhere(name: string): Promise<number> {
  const { id, secret } = token.client('admin');
  const response = await fetch(`${other.url}/oauth/token`, {
    method: 'POST',
    headers: { authorization: basic(id, secret) },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource: urlOf(name) }),
  });
  return response.status;
}

test('what one instance adds and removes, another one knows within a second', async () => {
  expect(await statusElsewhere('orders')).toBe(400);
  await add('orders');
  await eventually(async () => expect(await statusElsewhere('orders')).toBe(200), { within: '1s' });
  await remove('orders');
  await eventually(async () => expect(await statusElsewhere('orders')).toBe(400), { within: '1s' });
});

test('negative control: an instance that does not follow goes on issuing tokens for what was removed', async () => {
  await add('stock');
  await eventually(async () => expect(await statusElsewhere('stock')).toBe(200), { within: '5s' });
  const known = other.app.get<KnownResources>(KnownResources, { strict: false });
  const forget = jest.spyOn(known, 'forget').mockImplementation(() => undefined);
  try {
    await remove('stock');
    await eventually(() => expect(forget).toHaveBeenCalled(), { within: '10s' });
    expect(await statusElsewhere('stock')).toBe(200);
  } finally {
    forget.mockRestore();
    known.forget();
  }
});

test('what was read before a change is not kept after it', async () => {
  const known = token.part(KnownResources);
  const records = token.part(ResourceRecords);
  known.forget();
  const reading = known.current();
  known.forget();
  await reading;
  const all = jest.spyOn(records, 'all');
  await known.current();
  expect(all).toHaveBeenCalledTimes(1);
  await known.current();
  expect(all).toHaveBeenCalledTimes(1);
  all.mockRestore();
});

test('a thousand requests for resources that there are not read the database once, and the hit ratio is a metric', async () => {
  const known = token.part(KnownResources);
  await known.current();
  const all = jest.spyOn(token.part(ResourceRecords), 'all');
  const before = await hits();
  await Promise.all(Array.from({ length: 1_000 }, () => known.current()));
  expect([all.mock.calls.length, (await hits()) - before]).toEqual([0, 1_000]);
  known.forget();
  await Promise.all(Array.from({ length: 1_000 }, () => known.current()));
  expect(all.mock.calls).toHaveLength(1);
  all.mockRestore();
});

async function hits(): Promise<number> {
  const { values } = (await metrics.getSingleMetric('resource_cache_requests_total')?.get()) ?? { values: [] };
  return values.find(({ labels }) => labels['outcome'] === 'hit')?.value ?? 0;
}
