import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createSuite, eventually } from '@gatehouse/testing';
import type { Suite } from '@gatehouse/testing';
import { Browser, formOf, redirectOf } from './journeys/browser.ts';
import { MatrixCaller } from './platform/matrix-caller.ts';
import { startServices, stopServices } from './platform/service-process.ts';
import type { Services } from './platform/service-process.ts';

const SHOP = { id: 'shop', secret: 's'.repeat(43), redirectUri: 'https://shop.example/callback' };
const ACCOUNT = { id: randomUUID(), email: 'ada@gatehouse.test', password: randomUUID() };

let suite: Suite;
let services: Services;
let caller: MatrixCaller;
beforeAll(async () => {
  suite = await createSuite('pairwise-subjects');
  const shop = {
    id: SHOP.id,
    secret: SHOP.secret,
    redirect_uris: [SHOP.redirectUri],
    subject_type: 'pairwise',
    grant_types: ['authorization_code'],
    scopes: ['openid'],
  };
  const seed = { clients: [...suite.seed.clients, shop], accounts: [ACCOUNT] };
  writeFileSync(suite.env('token').SEED_FILE ?? '', JSON.stringify(seed));
  services = await startServices(suite);
  caller = new MatrixCaller(suite);
}, 180_000);
afterAll(async () => {
  if (services) await stopServices(services);
  await suite?.dispose();
}, 60_000);

/** What the person's login gives the client: a token for the token service and the authorization service. */
async function logIn(): Promise<string> {
  const verifier = randomBytes(32).toString('base64url');
  const resources = [suite.url('token'), suite.url('authorization')].map((url): [string, string] => ['resource', url]);
  const parameters = Object.entries({
    response_type: 'code',
    client_id: SHOP.id,
    redirect_uri: SHOP.redirectUri,
    scope: 'openid',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const browser = new Browser();
  const query = new URLSearchParams([...parameters, ...resources]).toString();
  const page = await browser.get(await redirectOf(await browser.get(`${suite.url('token')}/oauth/authorize?${query}`)));
  const { email, password } = ACCOUNT;
  const answer = await browser.submit(await formOf(page), { email, password });
  const code = new URL(await redirectOf(answer)).searchParams.get('code') ?? '';
  const form = { grant_type: 'authorization_code', code, redirect_uri: SHOP.redirectUri, code_verifier: verifier };
  const response = await fetch(`${suite.url('token')}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${SHOP.id}:${SHOP.secret}`).toString('base64')}` },
    body: new URLSearchParams(form),
  });
  const body = (await response.json()) as { access_token?: string };
  if (body.access_token === undefined) throw new Error(JSON.stringify(body));
  return body.access_token;
}

function call(
  service: 'token' | 'authorization' | 'audit-log',
  method: string,
  path: string,
  as: string,
  json?: object,
) {
  return fetch(suite.url(service) + path, {
    method,
    headers: { authorization: `Bearer ${as}`, ...(json && { 'content-type': 'application/json' }) },
    ...(json && { body: JSON.stringify(json) }),
  });
}

test('a service that is sent such a token knows the account: its rights, its audit entries, and the end of its tokens', async () => {
  const token = await logIn();
  expect(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).not.toContain(ACCOUNT.id);

  const administrator = { type: 'user', id: ACCOUNT.id };
  const admin = await caller.token('admin', 'authorization');
  const made = await call('authorization', 'POST', '/api/v1/organizations', admin, { name: 'Of Ada', administrator });
  const { id: organization } = (await made.json()) as { id: string };
  await eventually(
    async () => {
      const renamed = await call('authorization', 'POST', `/api/v1/organizations/${organization}/roles`, token, {
        name: `Role ${randomUUID()}`,
        permissions: [],
      });
      expect(renamed.status).toBe(201);
    },
    { within: '10s' },
  );

  const auditor = await caller.token('admin', 'audit-log');
  await eventually(
    async () => {
      const path = `/api/v1/audit/entries?action=role.create&actor_id=${ACCOUNT.id}`;
      const { entries } = (await (await call('audit-log', 'GET', path, auditor)).json()) as { entries: unknown[] };
      expect(entries).not.toEqual([]);
    },
    { within: '30s' },
  );

  expect((await call('authorization', 'GET', '/api/v1/organizations', token)).status).toBe(200);
  expect((await call('token', 'DELETE', '/api/v1/me/grants', token)).status).toBeLessThan(300);
  await eventually(
    async () => expect((await call('authorization', 'GET', '/api/v1/organizations', token)).status).toBe(401),
    { within: '5s' },
  );
});
