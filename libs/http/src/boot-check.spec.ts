import { auditRead, mailRead } from '@gatehouse/contracts';
import { Controller, Get } from '@nestjs/common';
import { Endpoint, RouteKnows } from './index.ts';
import { endpoint, startTestService } from './test-service.spec-support.ts';

const read = endpoint({ path: '/things/{id}' });
const list = endpoint({ path: '/things' });

@Controller()
class ReadController {
  @Endpoint(read)
  read() {}
}

@Controller()
class ListController {
  @Endpoint(list)
  list() {}
}

@Controller()
class UndeclaredController {
  @Get('/debug')
  debug() {}
}

@Controller('/admin')
class PrefixedController {
  @Endpoint(list)
  list() {}
}

test('a service whose routes are exactly its endpoints starts', async () => {
  const service = await startTestService({ controllers: [ReadController, ListController], endpoints: [read, list] });
  expect((await service.send({ path: '/things/1' })).status).toBe(200);
  await service.close();
});

test('an endpoint without a handler stops the process, and is named', async () => {
  const start = startTestService({ controllers: [ReadController], endpoints: [read, list] });
  await expect(start).rejects.toThrow('token.get-things (GET /things) has 0 handlers');
});

test('a route that no endpoint declares stops the process, and is named', async () => {
  const start = startTestService({ controllers: [ReadController, UndeclaredController], endpoints: [read] });
  await expect(start).rejects.toThrow('GET /debug is not declared in the catalog');
});

test('an endpoint that is not in the catalog stops the process', async () => {
  const start = startTestService({ controllers: [ReadController, ListController], endpoints: [read] });
  await expect(start).rejects.toThrow('GET /things is not declared in the catalog');
});

test('a controller cannot move an endpoint to another path', async () => {
  const start = startTestService({ controllers: [PrefixedController], endpoints: [list] });
  await expect(start).rejects.toThrow('token.get-things (GET /things) has another route');
});

const guarded = endpoint({ path: '/guarded', access: { permission: auditRead } });
const above = RouteKnows({ required: { permission: mailRead } });
const below = RouteKnows({ required: { permission: auditRead } });

@Controller()
class AboveController {
  @above
  @Endpoint(guarded)
  handle() {}
}

@Controller()
class BelowController {
  @Endpoint(guarded)
  @below
  handle() {}
}

@Controller()
class PublicController {
  @Endpoint(list)
  @below
  handle() {}
}

test.each([
  [
    'requires another permission than its endpoint',
    AboveController,
    guarded,
    'token.get-guarded asks for audit:read, its handler for mail:read',
  ],
  [
    'requires a permission of a public endpoint',
    PublicController,
    list,
    'token.get-things asks for no permission, its handler for audit:read',
  ],
] as const)('a handler that %s stops the process, and is named', async (_, controller, declared, message) => {
  await expect(startTestService({ controllers: [controller], endpoints: [declared] })).rejects.toThrow(message);
});

test('a handler that requires what its endpoint asks for starts, and the endpoint stays closed', async () => {
  const service = await startTestService({ controllers: [BelowController], endpoints: [guarded] });
  expect((await service.send({ path: '/guarded' })).status).toBe(401);
  await service.close();
});

test('a service that does not start leaves no port open', async () => {
  const options = { controllers: [ReadController], endpoints: [read, list], variables: { ADMIN_PORT: '47115' } };
  await expect(startTestService(options)).rejects.toThrow('has 0 handlers');
  await expect(fetch('http://127.0.0.1:47115/health/live')).rejects.toThrow('fetch failed');
});
