import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { eventually } from '@gatehouse/testing';

/** A service's `main.ts` and `service.ts` in one, with a part that dies when told. */
const program = `
  import { defineConfig, serviceSettings } from '@gatehouse/config';
  import { Shutdown } from '@gatehouse/lifecycle';
  import { telemetrySettings } from '@gatehouse/telemetry';
  import { defineService, runService } from '@gatehouse/http';
  const parts = {
    provide: 'parts',
    inject: [Shutdown],
    useFactory: (shutdown) => {
      shutdown.on('pools', 'witness', async () => process.stdout.write('pools closed\\n'));
      process.on('SIGUSR2', () => shutdown.fatal('consumer crashed', new Error('offset out of range')));
      process.on('SIGHUP', () => { throw new Error('a bug'); });
      return {};
    },
  };
  await runService(async () => defineService({
    service: 'token',
    config: defineConfig(serviceSettings({ port: 4001, adminPort: 4101 }), telemetrySettings),
    module: () => ({ module: class Root {}, providers: [parts] }),
    endpoints: process.env.MISSING_HANDLER ? [{ id: 'token.x', service: 'token', method: 'GET', path: '/x', input: {} }] : [],
  }));
`;

const valid = {
  GATEHOUSE_ENV: 'testing',
  PORT: '0',
  ADMIN_PORT: '0',
  SERVICE_URL: 'http://127.0.0.1:4001',
  ISSUER: 'http://127.0.0.1:4001',
};

interface Running {
  readonly process: ChildProcess;
  readonly output: Promise<string>;
  readonly exited: Promise<unknown[]>;
}

function run(variables: Record<string, string>, args: string[] = []): Running {
  const options = ['--import=@swc-node/register/esm-register', '--conditions=@gatehouse/source', '--input-type=module'];
  const child = spawn(process.execPath, [...options, '--eval', program, '--', ...args], {
    cwd: join(import.meta.dirname, '..'),
    env: { PATH: process.env.PATH, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = Promise.all([text(child.stdout), text(child.stderr)]).then((parts) => parts.join(''));
  return { process: child, output, exited: once(child, 'exit') };
}

/** Resolves with the admin URL once the service says that it has started. */
async function started({ process: child }: Running): Promise<string> {
  let seen = '';
  child.stdout?.on('data', (chunk: Buffer) => (seen += chunk.toString()));
  return eventually(
    () => {
      const url = /"admin_url":"([^"]+)"/.exec(seen)?.[1];
      if (!url) throw new Error(`not started: ${seen}`);
      return url;
    },
    { within: '30s' },
  );
}

test('SIGTERM stops in order, writes out the log and ends with code 0', async () => {
  const service = run(valid);
  const admin = await started(service);
  expect((await fetch(`${admin}/health/startup`)).status).toBe(200);
  service.process.kill('SIGTERM');
  expect((await service.exited)[0]).toBe(0);
  expect(await service.output).toMatch(/service_stopping[^]*pools closed|pools closed[^]*service_stopping/);
}, 60_000);

test.each([
  ['a part that cannot go on', 'SIGUSR2', 'consumer crashed'],
  ['an uncaught error', 'SIGHUP', 'uncaught error'],
] as const)(
  '%s stops in order, says why and ends with code 1',
  async (_what, signal, reason) => {
    const service = run(valid);
    await started(service);
    service.process.kill(signal);
    expect((await service.exited)[0]).toBe(1);
    const output = await service.output;
    expect(output).toContain(`"reason":"${reason}"`);
    expect(output).toContain('pools closed');
  },
  60_000,
);

test('a service that cannot start says why and ends with code 1', async () => {
  const service = run({ ...valid, MISSING_HANDLER: '1' });
  expect((await service.exited)[0]).toBe(1);
  expect(await service.output).toContain('token.x (GET /x) has 0 handlers');
}, 60_000);

test('--check-config validates and ends, without opening a port', async () => {
  const service = run(valid, ['--check-config']);
  expect((await service.exited)[0]).toBe(0);
  expect(await service.output).toContain('The configuration is valid for testing.');
}, 60_000);
