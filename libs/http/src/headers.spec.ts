import { currentContext } from '@gatehouse/telemetry';
import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { Endpoint } from './index.ts';
import { endpoint, startTestService, type TestService } from './test-service.spec-support.ts';

const who = endpoint({ path: '/who', success: { status: 200, body: z.object({ ip: z.string(), request_id: z.string(), user_agent: z.string().nullable() }) } }); // prettier-ignore

@Controller()
class WhoController {
  @Endpoint(who)
  who() {
    const { ip, request_id, user_agent } = currentContext();
    return { ip: ip ?? '', request_id: request_id ?? '', user_agent };
  }
}

const start = (variables: Record<string, string> = {}) =>
  startTestService({ controllers: [WhoController], endpoints: [who], variables });

let direct: TestService;
beforeAll(async () => {
  direct = await start();
});
afterAll(() => direct.close());

const uuid = /^[0-9a-f-]{36}$/;

test('a safe request id is kept, in the context, in the answer and in the log', async () => {
  const { headers, json } = await direct.send({ path: '/who', headers: { 'x-request-id': 'caller.id:2026-1' } });
  expect(headers['x-request-id']).toBe('caller.id:2026-1');
  expect(json).toMatchObject({ request_id: 'caller.id:2026-1' });
  expect(direct.log.some((line) => line.includes('"request_id":"caller.id:2026-1"') && line.includes('request_completed'))).toBe(true); // prettier-ignore
});

test.each(['short', 'x'.repeat(129), 'with "quotes" in it', '<script>alert</script>', 'semi;colons;here'])(
  'the request id %p is replaced',
  async (given) => {
    const { headers } = await direct.send({ path: '/who', headers: { 'x-request-id': given } });
    expect(headers['x-request-id']).toMatch(uuid);
  },
);

test('an answer of any kind carries the headers that protect it, and no other origin is let in', async () => {
  for (const path of ['/who', '/nowhere', '/%C3%28']) {
    const { headers } = await direct.send({ path, headers: { origin: 'https://evil.example' } });
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['x-request-id']).toMatch(uuid);
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  }
  const { headers } = await direct.send({ path: '/who' });
  expect(headers).toMatchObject({
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  });
  expect(headers).not.toHaveProperty('strict-transport-security');
  const preflight = { method: 'OPTIONS', path: '/who', headers: { origin: 'https://evil.example', 'access-control-request-method': 'GET' } }; // prettier-ignore
  expect((await direct.send(preflight)).status).toBe(405);
});

test('https makes browsers stay with https', async () => {
  const service = await start({ SERVICE_URL: 'https://token.gatehouse.dev' });
  const { headers } = await service.send({ path: '/who' });
  expect(headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains');
  await service.close();
});

test('nobody is believed about the client address, unless it is a trusted proxy', async () => {
  const headers = { 'x-forwarded-for': '203.0.113.9, 192.0.2.7' };
  expect((await direct.send({ path: '/who', headers })).json).toMatchObject({ ip: '127.0.0.1' });
  const behind = await start({ TRUSTED_PROXIES: '127.0.0.0/8' });
  // Only the last hop was written by a trusted proxy; what the client itself wrote before it is not believed.
  expect((await behind.send({ path: '/who', headers })).json).toMatchObject({ ip: '192.0.2.7' });
  await behind.close();
});

test('a user agent is kept up to a length', async () => {
  const { json } = await direct.send({ path: '/who', headers: { 'user-agent': 'a'.repeat(5_000) } });
  expect((json as { user_agent: string }).user_agent).toHaveLength(512);
});
