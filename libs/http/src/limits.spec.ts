import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { Endpoint } from './index.ts';
import { endpoint, startTestService, type TestService } from './test-service.spec-support.ts';

const create = endpoint({ method: 'POST', input: { json: z.object({ name: z.string() }) } });

@Controller()
class ThingController {
  @Endpoint(create)
  create() {}
}

let service: TestService;
beforeAll(async () => {
  const variables = { REQUEST_TIMEOUT_MS: '300' };
  service = await startTestService({ controllers: [ThingController], endpoints: [create], variables });
});
afterAll(() => service.close());

const head = 'POST /thing HTTP/1.1\r\nhost: x\r\n';

test('a client that sends its headers too slowly gets a 408 and loses its connection', async () => {
  expect(await service.sendRaw(head)).toMatch(/^HTTP\/1.1 408 [^]*"code":"request-timeout"/);
});

test('a client that sends its body too slowly gets a 408 and loses its connection', async () => {
  const started = `${head}content-type: application/json\r\ncontent-length: 14\r\n\r\n{"name":`;
  expect(await service.sendRaw(started)).toMatch(/^HTTP\/1.1 408 /);
});

test('headers that are too large are a 431', async () => {
  const large = `${head}x-large: ${'x'.repeat(40_000)}\r\n\r\n`;
  expect(await service.sendRaw(large)).toMatch(/^HTTP\/1.1 431 [^]*"code":"headers-too-large"/);
});

test('what is no HTTP is a 400', async () => {
  expect(await service.sendRaw('hello\r\n\r\n')).toMatch(/^HTTP\/1.1 400 [^]*"code":"invalid-input"/);
});

test('a request that could be smuggled past a proxy is a 400', async () => {
  const both = `${head}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`;
  expect(await service.sendRaw(both)).toMatch(/^HTTP\/1.1 400 /);
});

test('afterwards the service still answers', async () => {
  const { status } = await service.send({ method: 'POST', path: '/thing', headers: { 'content-type': 'application/json' }, body: '{"name":"a"}' }); // prettier-ignore
  expect(status).toBe(200);
});
