import { loadConfig, Secret, serviceSettings } from '@gatehouse/config';
import { defineEndpoint } from '@gatehouse/contracts';
import { AccessPolicy, createService, Endpoint, type RunningService } from '@gatehouse/http';
import { jest } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import { z } from 'zod';
import {
  Authenticator,
  CurrentPrincipal,
  IssuerMetadata,
  JwksKeySource,
  LoadedRevocations,
  ProtectedResource,
  RevocationFreshness,
  RevocationList,
  TokenAccessPolicy,
  TokenBinding,
  TokenIntrospection,
  TokenVerifier,
  type Principal,
} from './index.ts';
import { TestIssuer } from './testing/index.ts';

const audience = 'https://api.example.com';
const base = {
  service: 'token',
  method: 'GET',
  access: 'authenticated',
  summary: 'Of this test.',
  input: {},
  success: { status: 200, body: z.object({ id: z.string() }) },
  errors: [],
} as const;
const refuses = defineEndpoint({ ...base, id: 'token.refuse-when-stale', path: '/api/v1/refuses' });
const asks = defineEndpoint({ ...base, id: 'token.ask-when-stale', path: '/api/v1/asks', whenStale: 'introspection' });

@Controller()
class StaleController {
  @Endpoint(refuses)
  refuses(@CurrentPrincipal() { id }: Principal) {
    return { id };
  }

  @Endpoint(asks)
  asks(@CurrentPrincipal() { id }: Principal) {
    return { id };
  }
}

let issuer: TestIssuer;
let service: RunningService;
let nowMs = 0;
let token: string;

beforeAll(async () => {
  issuer = await TestIssuer.start();
  const keys = new JwksKeySource(new IssuerMetadata(issuer.url));
  await keys.refresh();
  service = await start(keys);
});
afterAll(async () => {
  await service.close();
  await issuer.close();
});
beforeEach(async () => {
  nowMs = 5_001;
  token = await issuer.token({ audience, subject: 'demo' });
  issuer.accounts.set('demo', 'demo');
});
afterEach(() => {
  issuer.down = false;
  jest.restoreAllMocks();
});

/** A real service whose guard was last known to be fresh at 0 of the clock. */
function start(keys: JwksKeySource): Promise<RunningService> {
  const freshness = new RevocationFreshness({ now: () => nowMs });
  freshness.headWas(0, 0);
  const client = { clientId: 'api', clientSecret: new Secret('s'.repeat(43)) };

  @Module({
    controllers: [StaleController],
    providers: [
      LoadedRevocations,
      Authenticator,
      { provide: RevocationFreshness, useValue: freshness },
      {
        provide: TokenVerifier,
        useValue: new TokenVerifier({ issuer: issuer.url, audience }, keys, new RevocationList()),
      },
      { provide: TokenBinding, useValue: new TokenBinding(undefined) },
      { provide: ProtectedResource, useValue: new ProtectedResource({ url: audience }) },
      { provide: TokenIntrospection, useValue: new TokenIntrospection(issuer.url, client, () => nowMs) },
      { provide: AccessPolicy, useClass: TokenAccessPolicy },
    ],
  })
  class TestModule {}

  const env = { GATEHOUSE_ENV: 'testing', PORT: '0', ADMIN_PORT: '0', SERVICE_URL: audience, ISSUER: issuer.url };
  const config = loadConfig(serviceSettings({ port: 4001, adminPort: 4101 }), env);
  return createService({ service: 'token', config, module: TestModule, endpoints: [refuses, asks] });
}

/** The answer, and how often the issuer was asked for it. */
async function call({ path }: { path: string }, bearer = token) {
  const before = issuer.requestsOf('/oauth/introspect');
  const response = await fetch(service.url + path, { headers: { authorization: `Bearer ${bearer}` } });
  const { headers, status } = response;
  await response.body?.cancel();
  const asked = issuer.requestsOf('/oauth/introspect') - before;
  return { status, asked, retryAfter: headers.get('retry-after'), challenge: headers.get('www-authenticate') };
}

test('a guard that is fresh asks nobody, on whichever endpoint', async () => {
  nowMs = 5_000;
  for (const endpoint of [refuses, asks]) expect(await call(endpoint)).toMatchObject({ status: 200, asked: 0 });
});

test('a guard that is stale answers 503 with Retry-After, where the endpoint does not say otherwise', async () => {
  expect(await call(refuses)).toMatchObject({ status: 503, retryAfter: '1', asked: 0, challenge: null });
});

describe('an endpoint that chose introspection, while the guard is stale', () => {
  test('takes a token that the issuer calls active, and asks at every use', async () => {
    for (const _ of [1, 2]) expect(await call(asks)).toMatchObject({ status: 200, asked: 1 });
  });

  /** What a token is answered that the issuer does not call active. */
  async function revoked(): Promise<number> {
    issuer.accounts.delete('demo');
    const { status, challenge } = await call(asks);
    if (status === 401)
      expect(challenge).toContain('error="invalid_token", error_description="The token was revoked."');
    return status;
  }

  test('answers 401 where the issuer does not, also where the token was taken before', async () => {
    expect(await call(asks)).toMatchObject({ status: 200 });
    expect(await revoked()).toBe(401);
  });

  test('negative control: where it is not asked, the revoked token passes', async () => {
    jest.spyOn(TokenIntrospection.prototype, 'requireActive').mockResolvedValue();
    expect(await revoked()).toBe(200);
  });

  test('answers 503 with Retry-After where there is no answer', async () => {
    issuer.down = true;
    expect(await call(asks)).toMatchObject({ status: 503, retryAfter: '1', asked: 1, challenge: null });
  });

  test('answers 503 where the process was frozen between the answer and its use', async () => {
    const introspection = service.app.get(TokenIntrospection);
    const ask = introspection.ask.bind(introspection);
    jest.spyOn(introspection, 'ask').mockImplementation(async (value) => {
      const answer = await ask(value);
      nowMs += 5_001;
      return answer;
    });
    expect(await call(asks)).toMatchObject({ status: 503, retryAfter: '1', asked: 1 });
  });

  test('asks nobody about a token that is refused anyway', async () => {
    const expired = await issuer.token({ audience, subject: 'demo', claims: { exp: 1 } });
    const foreign = await issuer.token({ audience: 'https://other.example.com', subject: 'demo' });
    for (const bearer of [expired, foreign, 'abc'])
      expect(await call(asks, bearer)).toMatchObject({ status: 401, asked: 0 });
  });
});
