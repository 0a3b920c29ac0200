import { Controller } from '@nestjs/common';
import { Endpoint } from './index.ts';
import { endpoint, startTestService } from './test-service.spec-support.ts';

const list = endpoint({ path: '/things' });

@Controller()
class ListController {
  @Endpoint(list)
  list() {}
}

const contract = {
  openapi: '3.1.0',
  info: { title: 'Things', version: '1.2.3' },
  paths: {
    '/things': {
      get: {
        operationId: 'token.get-things',
        summary: 'Lists <things>.',
        parameters: [{ name: 'limit', in: 'query', required: false, schema: { type: 'integer' } }],
        responses: { '200': { description: 'OK', content: { 'application/json': { schema: { type: 'array' } } } } },
      },
    },
  },
  components: { schemas: { Thing: { type: 'object' } } },
};

test('the contract is served as JSON and as a page that loads nothing and runs nothing', async () => {
  let loads = 0;
  const openApi = () => {
    loads += 1;
    return Promise.resolve(contract);
  };
  const service = await startTestService({ controllers: [ListController], endpoints: [list], options: { openApi } });
  expect(loads).toBe(0);
  expect((await service.send({ path: '/openapi.json' })).json).toEqual(contract);
  const { headers, text } = await service.send({ path: '/docs' });
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  for (const shown of ['GET /things', 'Lists &lt;things&gt;.', 'limit', '200 OK', 'Thing', '1.2.3']) expect(text).toContain(shown); // prettier-ignore
  expect(text).not.toMatch(/<script|https?:\/\//);
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect(loads).toBe(1);
  await service.close();
});

test('a service without a contract has neither page', async () => {
  const service = await startTestService({ controllers: [ListController], endpoints: [list] });
  expect((await service.send({ path: '/docs' })).status).toBe(404);
  expect((await service.send({ path: '/openapi.json' })).status).toBe(404);
  await service.close();
});
