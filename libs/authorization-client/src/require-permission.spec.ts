import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
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
import { auditReadAll, PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import { Health } from '@gatehouse/lifecycle';
import { Problem } from '@gatehouse/problem';
import { PermissionChecker } from './permission-checker.ts';
import type { PermissionAnswer, PermissionQuestion } from './permission-checker.ts';
import { PermissionEnforcer } from './permission-enforcer.ts';
import { RequirePermission } from './require-permission.ts';

@Controller()
class Invoices {
  @Get('/organizations/:org_id/invoices')
  @RequirePermission('invoice:read', { organization: 'org_id' })
  list(): string {
    return 'invoices';
  }

  @Get('/all-invoices')
  @RequirePermission(auditReadAll)
  listAll(): string {
    return 'all';
  }
}

/** Decides as a test says, and remembers what it was asked. */
class Decided extends PermissionChecker {
  answer: PermissionAnswer | Problem = { allowed: true };
  readonly asked: PermissionQuestion[] = [];

  check(question: PermissionQuestion): Promise<PermissionAnswer> {
    this.asked.push(question);
    return this.answer instanceof Problem ? Promise.reject(this.answer) : Promise.resolve(this.answer);
  }
}

const audience = 'http://127.0.0.1:4010';
let issuer: TestIssuer;
let app: NestFastifyApplication;
let checker: Decided;
beforeAll(async () => {
  [issuer, checker] = [await TestIssuer.start(), new Decided()];
  const verifier = new TokenVerifier(
    { issuer: issuer.url, audience },
    new JwksKeySource(new IssuerMetadata(issuer.url)),
    new RevocationList(),
  );
  const freshness = new RevocationFreshness({ now: () => 0 });
  freshness.headWas(0, 0);
  @Module({
    controllers: [Invoices],
    providers: [
      { provide: TokenVerifier, useValue: verifier },
      { provide: PermissionChecker, useValue: checker },
      { provide: Health, useValue: new Health() },
      { provide: RevocationFreshness, useValue: freshness },
      { provide: TokenBinding, useValue: new TokenBinding(undefined) },
      { provide: ProtectedResource, useValue: new ProtectedResource(undefined) },
      LoadedRevocations,
      Authenticator,
      PermissionEnforcer,
    ],
  })
  class App {}
  app = await NestFactory.create<NestFastifyApplication>(App, new FastifyAdapter(), { logger: false });
  await app.init();
});
afterAll(async () => {
  await app.close();
  await issuer.close();
});
beforeEach(() => {
  checker.answer = { allowed: true };
  checker.asked.length = 0;
});

const token = (subject = 'demo', clientId = subject) => issuer.token({ audience, subject, clientId });

async function get(path: string, bearer?: string): Promise<number> {
  const headers = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
  return (await app.inject({ method: 'GET', url: path, headers })).statusCode;
}

test('a caller with the permission passes; the question names subject, organisation and permission', async () => {
  expect(await get('/organizations/acme/invoices', await token('ada', 'web'))).toBe(200);
  expect(checker.asked).toEqual([{ user_id: 'ada', subject_type: 'user', org_id: 'acme', permission: 'invoice:read' }]);
});

test('without an organisation the platform is asked', async () => {
  expect(await get('/all-invoices', await token())).toBe(200);
  const question = { user_id: 'demo', subject_type: 'client', org_id: PLATFORM_ORGANIZATION_ID };
  expect(checker.asked).toEqual([{ ...question, permission: 'audit:read-all' }]);
});

test('without a token, or with a wrong one, nothing is asked and the answer is 401', async () => {
  expect(await get('/all-invoices')).toBe(401);
  expect(await get('/all-invoices', await issuer.token({ audience: 'http://other', subject: 'demo' }))).toBe(401);
  expect(checker.asked).toEqual([]);
});

test('without the permission the answer is 403, and 404 where the organisation is hidden', async () => {
  checker.answer = { allowed: false };
  expect(await get('/organizations/acme/invoices', await token())).toBe(403);
  checker.answer = { allowed: false, hidden: true };
  expect(await get('/organizations/acme/invoices', await token())).toBe(404);
});

test('where no decision can be had the answer is 503', async () => {
  checker.answer = new Problem('dependency-unavailable');
  expect(await get('/organizations/acme/invoices', await token())).toBe(503);
});

test('the organisation of the path wins over one in the query', async () => {
  await get('/organizations/acme/invoices?org_id=other', await token());
  expect(checker.asked).toMatchObject([{ org_id: 'acme' }]);
});
