import { PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import { startService } from '@gatehouse/http';
import type { RunningService } from '@gatehouse/http';
import { eventually, FaultProxy } from '@gatehouse/testing';
import { admin, AuthorizationUnderTest } from './authorization.spec-support.ts';
import { authorizationService } from './service.ts';

let authorization: AuthorizationUnderTest;
let proxy: FaultProxy;
/** An instance that reaches its database through the proxy. */
let instance: RunningService;
beforeAll(async () => {
  authorization = await AuthorizationUnderTest.start('authz-503');
  const url = new URL(authorization.suite.databaseUrl('authorization'));
  proxy = await FaultProxy.start({ host: url.hostname, port: Number(url.port) });
  const behindProxy = Object.assign(new URL(url), { host: `${proxy.host}:${proxy.port}` });
  instance = await startService(authorizationService, {
    ...authorization.suite.env('authorization'),
    ISSUER: authorization.issuer.url,
    AUTHORIZATION_DATABASE_URL: behindProxy.href,
  });
  await eventually(() => instance.health.readiness().ready, { within: '20s' });
}, 60_000);
afterAll(async () => {
  proxy.restore();
  await instance.close();
  await proxy.stop();
  await authorization.stop();
}, 60_000);
afterEach(() => proxy.restore());

async function check(): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${instance.url}/api/v1/authorization/check`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await authorization.token(admin)}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      user_id: 'admin',
      subject_type: 'client',
      org_id: PLATFORM_ORGANIZATION_ID,
      permission: 'authorization:check',
    }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

test('a check is 503 while the database is away, for one who would be allowed, and right again when it is back', async () => {
  expect(await check()).toMatchObject({ status: 200, body: { allowed: true } });
  proxy.cut();
  for (let i = 0; i < 5; i++) {
    const { status, body } = await check();
    expect([status, body['code']]).toEqual([503, 'dependency-unavailable']);
    expect(body).not.toHaveProperty('allowed');
  }
  proxy.restore();
  await eventually(async () => expect(await check()).toMatchObject({ status: 200, body: { allowed: true } }), {
    within: '10s',
  });
}, 60_000);

test('the health of the database component tells', async () => {
  proxy.cut();
  await eventually(
    async () => expect((await fetch(`${instance.adminUrl}/health/components/database`)).status).toBe(503),
    { within: '10s' },
  );
}, 30_000);

test('the keys of an issuer that is away stay in use', async () => {
  authorization.issuer.down = true;
  expect(await check()).toMatchObject({ status: 200 });
  authorization.issuer.down = false;
});
