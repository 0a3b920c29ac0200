import type { InputOf } from '@gatehouse/contracts';
import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { Endpoint, Input } from './index.ts';
import { endpoint, startTestService, type TestService } from './test-service.spec-support.ts';

const echo = z.object({ json: z.unknown(), form: z.unknown(), query: z.unknown(), path: z.unknown() }).partial();
const create = endpoint({
  method: 'POST',
  path: '/organizations/{org_id}/things',
  input: {
    path: z.object({ org_id: z.uuid() }),
    query: z.object({ limit: z.coerce.number().int().max(100).optional(), tag: z.array(z.string()).optional() }),
    json: z.object({ name: z.string().min(1), count: z.number().optional(), tags: z.array(z.string()).optional() }),
  },
  success: { status: 201, body: echo },
});
const list = endpoint({ path: '/things', success: { status: 200, body: echo } });
const issue = endpoint({
  method: 'POST',
  path: '/oauth/token',
  errorFormat: 'oauth',
  input: { form: z.object({ grant_type: z.string(), scope: z.string().optional(), resource: z.array(z.string()).optional() }) }, // prettier-ignore
  success: { status: 200, body: echo },
});

let handled = 0;

@Controller()
class EchoController {
  @Endpoint(create)
  create(@Input() input: InputOf<typeof create>) {
    handled += 1;
    return input;
  }

  @Endpoint(list)
  list(@Input() input: InputOf<typeof list>) {
    handled += 1;
    return input;
  }

  @Endpoint(issue)
  issue(@Input() input: InputOf<typeof issue>) {
    handled += 1;
    return input;
  }
}

const ORG = '0198f0c2-0000-7000-8000-000000000000';
const path = `/organizations/${ORG}/things`;
const json = { 'content-type': 'application/json' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ controllers: [EchoController], endpoints: [create, list, issue] });
});
afterAll(() => service.close());
beforeEach(() => (handled = 0));

const post = (body: string | Buffer, headers: Record<string, string> = json, to = path) =>
  service.send({ method: 'POST', path: to, headers, body });

test('a valid request reaches its handler parsed', async () => {
  const { status, json: body } = await post('{"name":"a"}', json, `${path}?limit=5&tag=x&tag=y`);
  expect(status).toBe(201);
  expect(body).toMatchObject({ json: { name: 'a' }, path: { org_id: ORG }, query: { limit: 5, tag: ['x', 'y'] } });
});

const invalid: readonly [string, { path?: string; body?: string | Buffer }, unknown][] = [
  ['an unknown field', { body: '{"name":"a","admin":true}' }, [{ pointer: '#/admin', detail: 'is not known here' }]],
  ['a missing field', { body: '{}' }, [{ pointer: '#/name', detail: 'is required' }]],
  ['a missing body', { body: '' }, [{ pointer: '#', detail: 'is required' }]],
  ['a wrong type deep inside', { body: '{"name":"a","tags":["x",1]}' }, [{ pointer: '#/tags/1', detail: expect.any(String) as string }]], // prettier-ignore
  ['an unknown query parameter', { path: `${path}?admin=1` }, [{ parameter: 'admin', detail: 'is not known here' }]],
  ['a repeated query parameter', { path: `${path}?limit=1&limit=2` }, [{ parameter: 'limit', detail: 'is given more than once' }]], // prettier-ignore
  ['a malformed path', { path: '/organizations/42/things' }, [{ parameter: 'org_id', detail: expect.any(String) as string }]], // prettier-ignore
  ['invalid JSON', { body: '{"name":' }, undefined],
  ['bytes that are not UTF-8', { body: Buffer.from([...Buffer.from('{"name":"'), 0xc3, 0x28, ...Buffer.from('"}')]) }, undefined], // prettier-ignore
  ['a query that is not UTF-8', { path: `${path}?tag=%C3%28` }, undefined],
  ['a path that is not UTF-8', { path: '/organizations/%C3%28/things' }, undefined],
];

test.each(invalid)(
  '%s is a 400 problem, and nothing is carried out',
  async (_what, { path: to = path, body = '{"name":"a"}' }, errors) => {
    const { status, headers, json: problem } = await post(body, json, to);
    expect({ status, type: headers['content-type'] }).toEqual({ status: 400, type: 'application/problem+json; charset=utf-8' }); // prettier-ignore
    expect(problem).toMatchObject({ code: 'invalid-input', request_id: headers['x-request-id'] });
    if (errors) expect(problem).toHaveProperty('errors', errors);
    expect(handled).toBe(0);
  },
);

test('decoded leniently, the bytes that are not UTF-8 would have been accepted as other text', () => {
  const bytes = Buffer.from([...Buffer.from('{"name":"'), 0xc3, 0x28, ...Buffer.from('"}')]);
  expect(create.input.json.parse(JSON.parse(bytes.toString()))).toEqual({ name: '\ufffd(' });
});

test('every wrong part of a body is named, and no given value is repeated', async () => {
  const { json: problem, text } = await post('{"name":"","count":"s3cr3t","admin":"s3cr3t"}');
  expect((problem as { errors: { pointer: string }[] }).errors.map(({ pointer }) => pointer).sort()).toEqual(['#/admin', '#/count', '#/name']); // prettier-ignore
  expect(text).not.toContain('s3cr3t');
});

const unsupported: readonly [string, Record<string, string>][] = [
  ['an unknown content type', { 'content-type': 'text/plain' }],
  ['no content type', {}],
  ['a content type that other endpoints take', form],
  ['another charset', { 'content-type': 'application/json; charset=utf-16' }],
];

test.each(unsupported)('%s is a 415 problem', async (_what, headers) => {
  const { status, json: problem } = await post('{"name":"a"}', headers);
  expect({ status, code: (problem as { code: string }).code }).toEqual({ status: 415, code: 'unsupported-media-type' });
  expect(handled).toBe(0);
});

test('a body of 2 MB is a 413 problem', async () => {
  const { status, json: problem } = await post(`{"name":"${'x'.repeat(2_000_000)}"}`);
  expect({ status, code: (problem as { code: string }).code }).toEqual({ status: 413, code: 'body-too-large' });
  expect(handled).toBe(0);
});

test('an unknown path is 404, a known one with another method 405 that names the methods', async () => {
  expect(await service.send({ path: '/nowhere' })).toMatchObject({ status: 404, json: { code: 'not-found' } });
  const wrong = await service.send({ method: 'DELETE', path });
  expect(wrong).toMatchObject({ status: 405, headers: { allow: 'POST' }, json: { code: 'method-not-allowed' } });
});

test('so they are with a body, whatever its content type', async () => {
  for (const headers of [form, { 'content-type': 'application/json' }]) {
    const body = headers === form ? 'a=b' : '{}';
    expect((await service.send({ method: 'PUT', path, headers, body })).status).toBe(405);
    expect((await service.send({ method: 'POST', path: '/nowhere', headers, body })).status).toBe(404);
  }
});

describe('OAuth endpoints', () => {
  const token = (body: string, headers: Record<string, string> = form) => post(body, headers, '/oauth/token');

  test('ignore unknown parameters, and treat one without a value as omitted (RFC 6749 3.2)', async () => {
    const { status, json: body } = await token('grant_type=client_credentials&scope=&unknown=1');
    expect({ status, body }).toEqual({ status: 200, body: { form: { grant_type: 'client_credentials' }, path: {}, query: {} } }); // prettier-ignore
  });

  test('refuse a repeated parameter as invalid_request', async () => {
    const { status, json: body } = await token('grant_type=a&grant_type=b');
    expect({ status, body }).toEqual({ status: 400, body: { error: 'invalid_request', error_description: 'grant_type is given more than once' } }); // prettier-ignore
  });

  test('take a parameter several times where its RFC says so (RFC 8707 2)', async () => {
    const { json: body } = await token('grant_type=a&resource=https%3A%2F%2Fa&resource=https%3A%2F%2Fb');
    expect(body).toMatchObject({ form: { resource: ['https://a', 'https://b'] } });
    expect((await token('grant_type=a&resource=x')).json).toMatchObject({ form: { resource: ['x'] } });
  });

  test('decode plus and percent, and refuse what is not UTF-8', async () => {
    expect((await token('grant_type=a+b%2Bc')).json).toMatchObject({ form: { grant_type: 'a b+c' } });
    expect(await token('grant_type=%C3%28')).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
    expect(await token('grant_type=%zz')).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
  });

  test('keep the status of a body that is too large or of another type', async () => {
    expect(await token(`grant_type=${'x'.repeat(2_000_000)}`)).toMatchObject({ status: 413, json: { error: 'invalid_request' } }); // prettier-ignore
    expect(await token('{}', json)).toMatchObject({ status: 415, json: { error: 'invalid_request' } });
  });

  test('take a parameter named like a property of every object as any other unknown one', async () => {
    expect((await token('grant_type=a&__proto__=x&constructor=y')).json).toMatchObject({ form: { grant_type: 'a' } });
  });
});
