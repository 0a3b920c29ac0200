import { Controller, Module } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import {
  Authenticator,
  IssuerMetadata,
  JwksKeySource,
  LoadedRevocations,
  ProtectedResource,
  RevocationFreshness,
  TokenBinding,
  RevocationList,
  TokenVerifier,
} from '@gatehouse/authn';
import { TestIssuer } from '@gatehouse/authn/testing';
import { loadConfig, serviceSettings } from '@gatehouse/config';
import { auditRead, auditReadAll, defineEndpoint, mailRead } from '@gatehouse/contracts';
import type { Permission } from '@gatehouse/contracts';
import { AccessPolicy, createService, Endpoint } from '@gatehouse/http';
import type { RunningService } from '@gatehouse/http';
import { z } from 'zod';
import { AuthorizationAccessPolicy } from './authorization-access-policy.ts';
import { PermissionChecker } from './permission-checker.ts';
import type { PermissionQuestion } from './permission-checker.ts';
import { PermissionEnforcer } from './permission-enforcer.ts';
import { RequirePermission } from './require-permission.ts';

const list = defineEndpoint({
  id: 'token.list-things',
  service: 'token',
  method: 'GET',
  path: '/things',
  access: { permission: auditRead, organization: 'org_id', platformPermission: auditReadAll },
  summary: 'Of a test.',
  input: { query: z.strictObject({ org_id: z.string().optional() }) },
  success: { status: 204, body: 'none' },
  errors: [],
});

/** The endpoint with a handler that says what it requires. */
function controllerRequiring(permission: Permission, options?: { readonly organization: string }): Type {
  @Controller()
  class ThingsController {
    @Endpoint(list)
    @RequirePermission(permission, options)
    list() {}
  }
  return ThingsController;
}

/** Remembers what it was asked, and allows `ada` everything. */
class AdaMay extends PermissionChecker {
  readonly asked: PermissionQuestion[] = [];

  check(question: PermissionQuestion) {
    this.asked.push(question);
    return Promise.resolve({ allowed: question.user_id === 'ada' });
  }
}

/** A policy that asks nobody. */
class Careless extends AccessPolicy {
  authenticate = () => Promise.resolve();
  check = () => Promise.resolve();
}

const audience = 'http://127.0.0.1:4010';
let issuer: TestIssuer;
let checker: AdaMay;
let service: RunningService | undefined;
beforeAll(async () => {
  issuer = await TestIssuer.start();
});
beforeEach(() => {
  checker = new AdaMay();
});
afterEach(async () => {
  await service?.close();
  service = undefined;
});
afterAll(() => issuer.close());

async function start(controller: Type, policy: Type<AccessPolicy> = AuthorizationAccessPolicy): Promise<void> {
  const keys = new JwksKeySource(new IssuerMetadata(issuer.url));
  const verifier = new TokenVerifier({ issuer: issuer.url, audience }, keys, new RevocationList());
  // Nothing is followed here: the guard knows of a head of zero, which it has applied, for all time.
  const freshness = new RevocationFreshness({ now: () => 0 });
  freshness.headWas(0, 0);
  @Module({
    controllers: [controller],
    providers: [
      { provide: TokenVerifier, useValue: verifier },
      { provide: PermissionChecker, useValue: checker },
      { provide: AccessPolicy, useClass: policy },
      { provide: RevocationFreshness, useValue: freshness },
      { provide: TokenBinding, useValue: new TokenBinding(undefined) },
      { provide: ProtectedResource, useValue: new ProtectedResource(undefined) },
      LoadedRevocations,
      Authenticator,
      PermissionEnforcer,
    ],
  })
  class TestModule {}
  const config = loadConfig(serviceSettings({ port: 4010, adminPort: 4110 }), {
    GATEHOUSE_ENV: 'testing',
    PORT: '0',
    ADMIN_PORT: '0',
    SERVICE_URL: audience,
    ISSUER: issuer.url,
  });
  service = await createService({ service: 'token', config, module: TestModule, endpoints: [list] });
}

async function get(subject: string, query = ''): Promise<number> {
  const token = await issuer.token({ audience, subject, clientId: 'web' });
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${service?.url}/things${query}`, { headers })).status;
}

test('a request is decided once, as the declaration says', async () => {
  await start(controllerRequiring(auditRead));
  expect(await get('ada', '?org_id=acme')).toBe(204);
  expect(checker.asked).toMatchObject([{ org_id: 'acme', permission: auditRead.name }]);
  expect(await get('ada')).toBe(204);
  expect(checker.asked.slice(1)).toMatchObject([{ permission: auditReadAll.name }]);
  expect(await get('bob', '?org_id=acme')).toBe(403);
  expect(checker.asked.slice(2)).toMatchObject([{ user_id: 'bob', org_id: 'acme', permission: auditRead.name }]);
});

test('a decision for one request is none for the next', async () => {
  await start(controllerRequiring(auditRead));
  expect([await get('ada'), await get('bob'), await get('ada')]).toEqual([204, 403, 204]);
  expect(checker.asked).toHaveLength(3);
});

test('the decorator guards by itself where the policy before it asked nobody', async () => {
  await start(controllerRequiring(auditRead), Careless);
  expect(await get('bob')).toBe(403);
  expect(await get('ada')).toBe(204);
});

test('a handler that requires another permission than its endpoint asks for stops the process', async () => {
  await expect(start(controllerRequiring(mailRead))).rejects.toThrow(
    'token.list-things asks for audit:read, its handler for mail:read',
  );
});

test('a handler that names the organisation, which its endpoint declares, stops the process', async () => {
  await expect(start(controllerRequiring(auditRead, { organization: 'org_id' }))).rejects.toThrow(
    "token.list-things has a handler that names the organisation's field",
  );
});
