import { definePermission, type Endpoint as EndpointDeclaration, type InputOf } from '@gatehouse/contracts';
import { Problem } from '@gatehouse/problem';
import { setActor } from '@gatehouse/telemetry';
import { Controller, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AccessPolicy, Endpoint, Input, PermissionDenied, RefusalLog, requiredPermission } from './index.ts';
import type { AccessInput, Denial } from './index.ts';
import { endpoint, startTestService, type TestService } from './test-service.spec-support.ts';

const rolesWrite = definePermission({ name: 'roles:write', summary: 'Of a test.', scope: 'organization' });
const open = endpoint({ path: '/open' });
const own = endpoint({ path: '/own', access: 'authenticated' });
const guarded = endpoint({
  method: 'POST',
  path: '/organizations/{org_id}/roles',
  access: { permission: rolesWrite, organization: 'org_id' },
  input: { path: z.object({ org_id: z.uuid() }), json: z.object({ name: z.string() }) },
  success: { status: 201, body: 'none' },
});

let handled: string[] = [];

@Controller()
class GuardedController {
  @Endpoint(open)
  open() {
    handled.push('open');
  }

  @Endpoint(own)
  own() {
    handled.push('own');
  }

  @Endpoint(guarded)
  guarded(@Input() { json }: InputOf<typeof guarded>) {
    handled.push(json.name);
  }
}

const ORG = '0198f0c2-0000-7000-8000-000000000000';

/** `Bearer writer` may, `Bearer reader` may not, `Bearer stranger` may not even know, nothing else is a token. */
@Injectable()
class TestPolicy extends AccessPolicy {
  authenticate(_endpoint: EndpointDeclaration, request: FastifyRequest): Promise<void> {
    const id = /^Bearer (\w+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (!id) return Promise.reject(new Problem('unauthenticated'));
    setActor('account', id);
    return Promise.resolve();
  }

  check(declared: EndpointDeclaration, request: FastifyRequest, { path }: AccessInput): Promise<void> {
    const { permission } = requiredPermission(declared) ?? {};
    if (request.headers.authorization === 'Bearer writer' && path['org_id'] === ORG) return Promise.resolve();
    const hidden = request.headers.authorization === 'Bearer stranger';
    const found = { hidden, belongs: !hidden };
    return Promise.reject(new PermissionDenied(permission?.name ?? '', String(path['org_id']), found));
  }
}

const denials: Denial[] = [];
let recordable = true;

@Injectable()
class TestRefusalLog extends RefusalLog {
  denied(denial: Denial): Promise<void> {
    if (!recordable) return Promise.reject(new Problem('event-backlog-full', { retryAfterSeconds: 5 }));
    denials.push(denial);
    return Promise.resolve();
  }

  refused(): Promise<void> {
    return Promise.resolve();
  }
}

const controllers = [GuardedController];
const endpoints = [open, own, guarded];
let service: TestService;
beforeAll(async () => {
  const providers = [
    { provide: AccessPolicy, useClass: TestPolicy },
    { provide: RefusalLog, useClass: TestRefusalLog },
  ];
  service = await startTestService({ controllers, endpoints, providers });
});
afterAll(() => service.close());
beforeEach(() => {
  handled = [];
  denials.length = 0;
  recordable = true;
});

const post = (as: string | undefined, body = '{"name":"editor"}', org = ORG) =>
  service.send({
    method: 'POST',
    path: `/organizations/${org}/roles`,
    headers: { 'content-type': 'application/json', ...(as !== undefined && { authorization: `Bearer ${as}` }) },
    body,
  });

test('a caller with the permission is let in', async () => {
  expect((await post('writer')).status).toBe(201);
  expect(handled).toEqual(['editor']);
});

test('without a token the answer is 401, before a byte of the body is read', async () => {
  expect((await post(undefined)).status).toBe(401);
  expect((await post(undefined, '{"name":')).status).toBe(401);
  expect((await post(undefined, 'x'.repeat(2_000_000))).status).toBe(401);
  expect((await service.send({ path: '/own' })).status).toBe(401);
  expect(handled).toEqual([]);
});

test('without the permission the answer is 403, and tells nothing about the schema of the body', async () => {
  expect((await post('reader')).status).toBe(403);
  expect((await post('reader', '{"unknown":1}')).status).toBe(403);
  expect(handled).toEqual([]);
});

test('a malformed organisation is a 400 before the permission is asked', async () => {
  expect((await post('reader', '{}', '42')).status).toBe(400);
  expect(denials).toEqual([]);
});

test('a 403 is recorded with its endpoint, permission, organisation and subject before it is sent', async () => {
  await post('reader');
  expect(denials).toEqual([
    { endpoint: guarded.id, permission: 'roles:write', organizationId: ORG, belongs: true, subjectId: 'reader' },
  ]);
});

test('a 403 that is hidden as a 404 is recorded alike, and looks like any other 404', async () => {
  const { status, json } = await post('stranger');
  const missing = await service.send({ path: '/nowhere' });
  const shown = (body: unknown) => ({ ...(body as object), request_id: null });
  expect(status).toBe(404);
  expect(shown(json)).toEqual(shown(missing.json));
  expect(denials).toMatchObject([
    { permission: 'roles:write', organizationId: ORG, belongs: false, subjectId: 'stranger' },
  ]);
});

test('a 403 that cannot be recorded is still a refusal, but a 503 that asks to come again', async () => {
  recordable = false;
  const { status, headers, json } = await post('reader');
  expect({ status, retryAfter: headers['retry-after'], code: (json as { code: string }).code }).toEqual({ status: 503, retryAfter: '5', code: 'event-backlog-full' }); // prettier-ignore
  expect(handled).toEqual([]);
});

test('where no module provides a policy, everything that is not public is refused', async () => {
  const bare = await startTestService({ controllers, endpoints });
  expect((await bare.send({ path: '/open' })).status).toBe(200);
  expect((await bare.send({ path: '/own', headers: { authorization: 'Bearer writer' } })).status).toBe(401);
  expect(handled).toEqual(['open']);
  await bare.close();
});

test('two policies in one service are an error, because either might be the weaker one', async () => {
  const providers = [{ provide: AccessPolicy, useClass: TestPolicy }];
  class Another {}
  Reflect.defineMetadata('providers', providers, Another);
  const options = { module: { module: class Both {}, imports: [Another], providers, controllers } };
  await expect(startTestService({ controllers, endpoints, options })).rejects.toThrow('There are 2 providers of AccessPolicy'); // prettier-ignore
});
