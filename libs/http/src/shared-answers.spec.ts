import { metrics } from '@gatehouse/telemetry';
import { eventually } from '@gatehouse/testing';
import { Controller, Header } from '@nestjs/common';
import { z } from 'zod';
import { Endpoint, setAnswerHeader } from './index.ts';
import { endpoint, startTestService, type TestService } from './test-service.spec-support.ts';

const answer = { status: 200, body: z.object({ handled: z.number() }) } as const;
const [open, guarded, personal, queried] = ['/open', '/guarded', '/personal', '/queried'].map((path) =>
  endpoint({ path, success: answer, ...(path === '/queried' && { input: { query: z.object({ n: z.string().optional() }) } }) }),
); // prettier-ignore
const handled = { open: 0, guarded: 0, personal: 0, queried: 0 };

@Controller()
class Documents {
  @Endpoint(open!)
  @Header('cache-control', 'public, max-age=300')
  open() {
    return { handled: ++handled.open };
  }

  @Endpoint(guarded!)
  @Header('cache-control', 'private, max-age=300')
  guarded() {
    return { handled: ++handled.guarded };
  }

  @Endpoint(personal!)
  @Header('cache-control', 'public, max-age=300')
  personal() {
    setAnswerHeader('set-cookie', 'who=you');
    return { handled: ++handled.personal };
  }

  @Endpoint(queried!)
  @Header('cache-control', 'public, max-age=300')
  queried() {
    return { handled: ++handled.queried };
  }
}

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ controllers: [Documents], endpoints: [open!, guarded!, personal!, queried!] });
});
afterAll(() => service.close());

/** Whether of several requests in a row at least one is answered from memory. */
async function answeredFromMemory(path: string, headers: Record<string, string> = {}): Promise<boolean> {
  const seen = new Set<string>();
  for (let i = 0; i < 20; i += 1) seen.add((await service.send({ path, headers })).text);
  return seen.size < 20;
}

test('an answer that any shared cache may keep is kept here too, whole, each with an id of its own', async () => {
  const first = await service.send({ path: '/open' });
  const second = await service.send({ path: '/open', headers: { 'x-request-id': 'the-second' } });
  expect(second.json).toEqual(first.json);
  const { 'x-request-id': firstId, date: _, ...others } = first.headers;
  expect(second.headers).toMatchObject({ ...others, 'x-request-id': 'the-second' });
  expect(Object.keys(second.headers).sort()).toEqual(Object.keys(first.headers).sort());
  expect(firstId).toMatch(/^[0-9a-f-]{36}$/);
});

test('it is asked for anew after a second', async () => {
  const { text } = await service.send({ path: '/open' });
  await eventually(async () => expect((await service.send({ path: '/open' })).text).not.toBe(text), { within: '5s' });
});

test('requests that are answered from memory are counted with the others', async () => {
  const count = async () => {
    const text = await metrics.getSingleMetricAsString('http_server_request_duration_seconds');
    return Number(/_count\{method="GET",route="\/open",status="200"\} (\d+)/.exec(text)?.[1] ?? 0);
  };
  const before = await count();
  for (let i = 0; i < 10; i += 1) await service.send({ path: '/open' });
  await eventually(async () => expect(await count()).toBe(before + 10), { within: '5s' });
});

test.each(['/guarded', '/personal', '/queried?n=1'])('the answer to %p is nobody else’s', async (path) => {
  expect(await answeredFromMemory(path)).toBe(false);
});

test('a request that brings a trace is traced', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  expect(await answeredFromMemory('/open', { traceparent })).toBe(false);
});

test('negative control: the same check sees an answer that is kept', async () => {
  expect(await answeredFromMemory('/open')).toBe(true);
});

test('other methods and other spellings of the path go the whole way', async () => {
  await service.send({ path: '/open' });
  const statuses = await Promise.all([
    service.send({ method: 'POST', path: '/open' }),
    service.send({ path: '/open/' }),
    service.send({ path: '/open?x=1' }),
  ]);
  expect(statuses.map(({ status }) => status)).toEqual([405, 404, 400]);
});
