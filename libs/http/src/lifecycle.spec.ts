import { Agent, request as httpRequest } from 'node:http';
import { Health, Shutdown, type ShutdownStage } from '@gatehouse/lifecycle';
import { eventually } from '@gatehouse/testing';
import { Controller, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Endpoint } from './index.ts';
import { endpoint, startTestService, type TestService } from './test-service.spec-support.ts';

const slow = endpoint({ path: '/slow', success: { status: 200, body: z.object({ done: z.boolean() }) } });

let release = () => {};
let entered = 0;

@Controller()
class SlowController {
  @Endpoint(slow)
  async handle() {
    entered += 1;
    await new Promise<void>((resolve) => (release = resolve));
    return { done: true };
  }
}

@Injectable()
class Parts {
  relayReady: true | string = true;
  exercised = 0;
  databaseDown = false;
  readonly stages: ShutdownStage[] = [];

  constructor(health: Health, shutdown: Shutdown) {
    health.add({ name: 'relay', ready: () => this.relayReady });
    health.add({
      name: 'database',
      exercise: () => {
        this.exercised += 1;
        return this.databaseDown ? Promise.reject(new Error('postgres://token:hunter2@db is away')) : Promise.resolve();
      },
    });
    for (const stage of ['consumers', 'relay', 'producer', 'telemetry', 'pools'] as const)
      shutdown.on(stage, 'recorder', () => Promise.resolve(void this.stages.push(stage)));
  }
}

const start = (variables: Record<string, string> = {}) =>
  startTestService({ controllers: [SlowController], endpoints: [slow], providers: [Parts], variables });

async function admin(service: TestService, path: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(service.adminUrl + path);
  return { status: response.status, body: await response.json() };
}

describe('health', () => {
  let service: TestService;
  let parts: Parts;
  beforeAll(async () => {
    service = await start();
    parts = service.app.get(Parts);
  });
  afterAll(() => service.close());

  test('readiness names the failing part; liveness and startup do not depend on it', async () => {
    expect(await admin(service, '/health/ready')).toEqual({ status: 200, body: { status: 'ready' } });
    parts.relayReady = 'the backlog is full';
    expect(await admin(service, '/health/ready')).toEqual({
      status: 503,
      body: { status: 'not ready', failing: [{ part: 'relay', reason: 'the backlog is full' }] },
    });
    expect((await admin(service, '/health/live')).status).toBe(200);
    expect((await admin(service, '/health/startup')).status).toBe(200);
    parts.relayReady = true;
  });

  test('a component check really uses the part, and says how it failed without its password', async () => {
    const before = parts.exercised;
    expect(await admin(service, '/health/components/database')).toMatchObject({ status: 200, body: { status: 'up' } });
    expect(parts.exercised).toBe(before + 1);
    parts.databaseDown = true;
    const { status, body } = await admin(service, '/health/components/database');
    expect({ status, body }).toEqual({ status: 503, body: { part: 'database', status: 'down', reason: 'postgres://[redacted]@db is away' } }); // prettier-ignore
    expect((await admin(service, '/health/live')).status).toBe(200);
    expect((await admin(service, '/health/components/unknown')).status).toBe(404);
    expect((await admin(service, '/health/components')).body).toEqual({ components: ['database'] });
  });

  test('metrics are on the admin port only, health too', async () => {
    const text = await (await fetch(`${service.adminUrl}/metrics`)).text();
    expect(text).toContain('http_server_request_duration_seconds');
    for (const path of ['/metrics', '/health/ready', '/health/live'])
      expect((await service.send({ path })).status).toBe(404);
  });
});

/** Sends a request over a connection that stays open, and resolves with its status and its `Connection` header. */
function keepAlive(service: TestService, agent: Agent): Promise<{ status: number; connection: string | undefined }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${service.url}/slow`, { agent }, (response) => {
      response.resume().on('end', () => {
        resolve({ status: response.statusCode ?? 0, connection: response.headers.connection });
      });
    });
    request.on('error', reject).end();
  });
}

describe('shutdown', () => {
  test('a request under way is answered, then the stages follow in order, and new connections are refused', async () => {
    const service = await start();
    const { stages } = service.app.get(Parts);
    const agent = new Agent({ keepAlive: true });
    const before = entered;
    const answer = keepAlive(service, agent);
    await eventually(() => entered > before, { within: '5s' });
    const closed = service.close();
    expect(await admin(service, '/health/ready')).toMatchObject({ status: 503, body: { failing: [{ part: 'lifecycle', reason: 'shutting down' }] } }); // prettier-ignore
    await eventually(() => expect(fetch(`${service.url}/slow`)).rejects.toThrow('fetch failed'), { within: '5s' });
    expect(stages).toEqual([]);
    release();
    expect((await answer).status).toBe(200);
    await closed;
    expect(stages).toEqual(['consumers', 'relay', 'producer', 'telemetry', 'pools']);
    await expect(fetch(`${service.adminUrl}/health/live`)).rejects.toThrow('fetch failed');
    agent.destroy();
  });

  test('until balancers have noticed, requests are still answered, and told to come on another connection', async () => {
    const service = await start({ SHUTDOWN_DELAY_MS: '3000' });
    const agent = new Agent({ keepAlive: true });
    const closed = service.close();
    const before = entered;
    const answer = keepAlive(service, agent);
    await eventually(() => entered > before, { within: '2s' });
    release();
    expect(await answer).toEqual({ status: 200, connection: 'close' });
    await closed;
    agent.destroy();
  });

  test('an idle connection that a client keeps open does not hold the shutdown up', async () => {
    const service = await start();
    const agent = new Agent({ keepAlive: true });
    const before = entered;
    const answer = keepAlive(service, agent);
    await eventually(() => entered > before, { within: '5s' });
    release();
    await answer;
    const startedAt = performance.now();
    await service.close();
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    agent.destroy();
  });

  test('a request that never ends is cut off inside the budget', async () => {
    const service = await start({ SHUTDOWN_BUDGET_MS: '400' });
    const agent = new Agent({ keepAlive: true });
    const before = entered;
    const answer = keepAlive(service, agent).catch(() => 'cut off');
    await eventually(() => entered > before, { within: '5s' });
    const startedAt = performance.now();
    await service.close();
    expect(performance.now() - startedAt).toBeLessThan(2_500);
    expect(await answer).toBe('cut off');
    agent.destroy();
  });
});
