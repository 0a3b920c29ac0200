import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const program = `
  import { readConfig, serviceSettings } from '@gatehouse/config';
  const config = readConfig(serviceSettings({ port: 4001, adminPort: 4101 }));
  console.log('started on ' + config.PORT);
`;

/** Runs the program as a service's process would run. */
function run(variables: Record<string, string>, args: string[] = []) {
  const { PATH } = process.env;
  const options = ['--import=@swc-node/register/esm-register', '--conditions=@gatehouse/source', '--input-type=module'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...options, '--eval', program, '--', ...args], {
    cwd: join(import.meta.dirname, '..'),
    env: { PATH, ...variables },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const valid = {
  GATEHOUSE_ENV: 'testing',
  SERVICE_URL: 'http://127.0.0.1:4001',
  ISSUER: 'http://127.0.0.1:4001',
};

test('a process with a wrong configuration prints every problem and ends with code 1', () => {
  const { status, stdout, stderr } = run({ ...valid, PORT: 'many', ISSUER: '' });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain('The configuration has 2 problems:');
  expect(stderr).toMatch(/PORT must be .*\n.*ISSUER is required/);
});

test('--check-config says that the configuration is valid, and does not start', () => {
  const { status, stdout } = run(valid, ['--check-config']);
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'The configuration is valid for testing.\n' });
});

test('--check-config ends with code 1 where the configuration is wrong', () => {
  expect(run({ ...valid, ADMIN_PORT: '4001' }, ['--check-config'])).toMatchObject({ status: 1, stdout: '' });
});

test('staging starts, and is told what production would refuse', () => {
  const { status, stdout, stderr } = run({ ...valid, GATEHOUSE_ENV: 'staging' });
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'started on 4001\n' });
  expect(stderr).toContain('Unsafe in production: ISSUER is a loopback address');
});
