import type { Endpoint as EndpointDeclaration } from '@gatehouse/contracts';
import { Problem } from '@gatehouse/problem';
import { currentContext, setActor } from '@gatehouse/telemetry';
import { Controller, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AccessPolicy, Endpoint, RefusalLog, RequestLimits, setAnswerHeader, type RefusedRequests } from './index.ts';
import { endpoint, startTestService, type TestService } from './test-service.spec-support.ts';

const open = endpoint({ method: 'POST', path: '/open', input: { json: z.object({ name: z.string() }) } });
const own = endpoint({ path: '/own', access: 'authenticated' });
const token = endpoint({ path: '/oauth/thing', errorFormat: 'oauth' });

@Controller()
class LimitedController {
  @Endpoint(open)
  open() {}

  @Endpoint(own)
  own() {}

  @Endpoint(token)
  token() {}
}

@Injectable()
class Policy extends AccessPolicy {
  async authenticate(_: EndpointDeclaration, request: FastifyRequest): Promise<void> {
    if (request.headers.authorization === undefined) throw new Problem('unauthenticated');
    setActor('account', 'alice');
    return Promise.resolve();
  }

  check(): Promise<void> {
    return Promise.resolve();
  }
}

let counted: string[] = [];
let full = false;

@Injectable()
class Limits extends RequestLimits {
  count({ path }: EndpointDeclaration): Promise<void> {
    counted.push(`${path} by ${currentContext().actor_id}`);
    setAnswerHeader('ratelimit', '"default";r=0;t=6');
    return full ? Promise.reject(new Problem('too-many-requests', { retryAfterSeconds: 6 })) : Promise.resolve();
  }
}

const refused: RefusedRequests[] = [];

@Injectable()
class Refusals extends RefusalLog {
  denied = () => Promise.resolve();
  refused = (requests: RefusedRequests) => Promise.resolve(void refused.push(requests));
}

let service: TestService;
beforeAll(async () => {
  const providers = [
    { provide: AccessPolicy, useClass: Policy },
    { provide: RequestLimits, useClass: Limits },
    { provide: RefusalLog, useClass: Refusals },
  ];
  service = await startTestService({ controllers: [LimitedController], endpoints: [open, own, token], providers });
});
afterAll(() => service.close());
beforeEach(() => {
  counted = [];
  full = false;
});

const send = (path: string, headers = {}) =>
  service.send({ path, headers, method: path === '/open' ? 'POST' : 'GET', ...(path === '/open' && { body: '{' }) });

test('a request is counted once, by its caller where there is one and by nobody where its token was refused', async () => {
  expect((await send('/own', { authorization: 'Bearer right' })).status).toBe(200);
  expect((await send('/own')).status).toBe(401);
  expect(counted).toEqual(['/own by alice', '/own by null']);
});

test('whoever had its share gets a 429 with Retry-After and what the limits said, before its body is looked at', async () => {
  full = true;
  const response = await send('/open', { 'content-type': 'application/json' });
  expect(response.status).toBe(429);
  expect(response.headers).toMatchObject({ 'retry-after': '6', ratelimit: '"default";r=0;t=6' });
  expect(response.json).toMatchObject({ type: 'urn:gatehouse:problem:too-many-requests', status: 429 });
});

test('guesses of tokens are refused by 429 and no longer by 401', async () => {
  full = true;
  expect((await send('/own')).status).toBe(429);
});

test('an OAuth endpoint says it in its own shape; both are counted as the same refusal', async () => {
  full = true;
  const response = await send('/oauth/thing');
  expect(response.status).toBe(429);
  expect(response.json).toMatchObject({ error: 'temporarily_unavailable' });
  await service.close();
  expect(refused.map(({ counts }) => Object.keys(counts).sort())).toEqual([['too-many-requests', 'unauthenticated']]);
});
