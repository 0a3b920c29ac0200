import { createSuite, eventually } from '@gatehouse/testing';
import type { Suite } from '@gatehouse/testing';
import { MatrixCaller } from './platform/matrix-caller.ts';
import { startServices, stopServices } from './platform/service-process.ts';
import type { Services } from './platform/service-process.ts';

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

interface Body {
  readonly access_token?: string;
  readonly error?: string;
}

let suite: Suite;
let services: Services;
let caller: MatrixCaller;
beforeAll(async () => {
  suite = await createSuite('token-exchange');
  services = await startServices(suite);
  caller = new MatrixCaller(suite);
}, 180_000);
afterAll(async () => {
  if (services) await stopServices(services);
  await suite?.dispose();
}, 60_000);

async function asAdmin(service: 'token' | 'audit-log', method: string, path: string, json?: unknown): Promise<unknown> {
  const response = await fetch(suite.url(service) + path, {
    method,
    headers: {
      authorization: `Bearer ${await caller.token('admin', service)}`,
      ...(json !== undefined && { 'content-type': 'application/json' }),
    },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

test('the authorization service decides, the resource takes the token, and the audit log has both outcomes', async () => {
  const { client_id, client_secret } = (await asAdmin('token', 'POST', '/api/v1/clients', {
    metadata: { grant_types: ['client_credentials', EXCHANGE] },
  })) as { client_id: string; client_secret: string };
  const post = async (form: Record<string, string>): Promise<[number, Body]> => {
    const response = await fetch(`${suite.url('token')}/oauth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}` },
      body: new URLSearchParams(form),
    });
    return [response.status, (await response.json()) as Body];
  };
  const [, own] = await post({ grant_type: 'client_credentials' });
  const exchange = () =>
    post({
      grant_type: EXCHANGE,
      subject_token: own.access_token ?? '',
      subject_token_type: ACCESS_TOKEN,
      audience: 'authorization',
    });
  const [refused, refusal] = await exchange();
  expect([refused, refusal.error]).toEqual([400, 'invalid_target']);

  await caller.give(client_id, 'token-exchange:authorization');
  const token = await eventually(
    async () => {
      const [status, { access_token }] = await exchange();
      expect(status).toBe(200);
      return access_token ?? '';
    },
    { within: '5s' },
  );
  const statusOf = async (one: string) => {
    const headers = { authorization: `Bearer ${one}` };
    return (await fetch(`${suite.url('authorization')}/api/v1/organizations`, { headers })).status;
  };
  expect([await statusOf(own.access_token ?? ''), await statusOf(token)]).toEqual([401, 200]);

  await eventually(
    async () => {
      const query = `?action=token.exchange&actor_id=${client_id}`;
      const page = await asAdmin('audit-log', 'GET', `/api/v1/audit/entries${query}`);
      const { entries } = page as { entries: { entry: { outcome: string; target: object } }[] };
      const outcomes = entries.map(({ entry }) => entry.outcome);
      expect(outcomes).toEqual(expect.arrayContaining(['denied', 'success']));
      const { entry } = entries.find((one) => one.entry.outcome === 'success') ?? entries[0]!;
      expect(entry.target).toEqual({ kind: 'client', id: client_id });
    },
    { within: '30s' },
  );
});
