/*
 * The first thing that every `npm run` command starts. It depends on nothing and runs under Node 20: it checks what has
 * to be there already, installs the rest, and goes on under the Node 24 that came with it.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingPrerequisites } from './prerequisites.mjs';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const at = (path) => join(root, path);
const fromSource = [
  '--max-semi-space-size=1',
  '--conditions=@gatehouse/source',
  '--disable-warning=TimeoutNegativeWarning',
];
const operatorEnvironment = at('.gatehouse/env/operator.env');

/** What each command runs, one after the other, all under Node 24. A function sees the arguments behind the command. */
const commands = {
  start: { needs: 'servers', run: (rest) => [[...fromSource, at('infra/local/src/start.main.ts'), ...rest]] },
  dev: { needs: 'servers', run: (rest) => [[...fromSource, at('infra/local/src/start.main.ts'), '--watch', ...rest]] },
  reset: { run: (rest) => [[...fromSource, at('infra/local/src/reset.main.ts'), ...rest]] },
  'test-platform': {
    needs: 'servers',
    run: (rest) => [[...fromSource, at('infra/local/src/test-platform.main.ts'), ...rest]],
  },
  test: { needs: 'servers', run: (rest) => [[at('infra/ci/test.mjs'), ...rest]] },
  journey: {
    run: (rest) => [tsc('test/tsconfig.lib.json'), [at('test/dist/journeys/run-journey.js'), ...rest]],
  },
  load: {
    run: (rest) => [tsc('test/tsconfig.lib.json'), [at('test/dist/load/run-load.js'), ...rest]],
  },
  gatehouse: {
    run: (rest) => [
      tsc(...['token', 'authorization', 'audit-log', 'email-verification'].map((name) => `services/${name}/tsconfig.lib.json`), 'infra/cli/tsconfig.lib.json'), // prettier-ignore
      [...(existsSync(operatorEnvironment) ? [`--env-file=${operatorEnvironment}`] : []), at('infra/cli/bin/gatehouse.mjs'), ...rest], // prettier-ignore
    ],
  },
  contracts: { run: (rest) => [tsc('contracts/tsconfig.lib.json'), [at('contracts/dist/generate/main.js'), ...rest]] },
  asvs: { run: (rest) => [[at('infra/ci/asvs.mjs'), ...rest]] },
  build: { run: (rest) => [tsc(...rest)] }, // specs included, so it checks their types as well
  typecheck: { run: (rest) => [tsc(...rest)] },
  lint: { run: (rest) => [nx('run-many', '-t', 'lint', ...rest)] },
  fix: { run: () => [[at('node_modules/prettier/bin/prettier.cjs'), '--write', '--log-level=warn', root]] },
};

function tsc(...projects) {
  return [at('node_modules/typescript/bin/tsc'), '-b', ...projects];
}

function nx(...args) {
  return [at('node_modules/nx/dist/bin/nx.js'), ...args];
}

/** `npm ci`, when the lockfile is not the one that was installed last. */
function install() {
  const hash = createHash('sha256').update(readFileSync(at('package-lock.json'))).digest('hex'); // prettier-ignore
  const record = at('node_modules/.gatehouse-lockfile');
  if (existsSync(record) && readFileSync(record, 'utf8') === hash) return;
  console.log('Installing dependencies as the lockfile says (npm ci); the first time this takes a minute or two.');
  const { status } = spawnSync('npm', ['ci', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) process.exit(status ?? 1);
  writeFileSync(record, hash);
}

/** The Node that came with the dependencies, or this one where it is new enough or none came. */
function node24() {
  const installed = at('node_modules/.bin/node');
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  if (existsSync(installed)) return installed;
  console.error('Node 24 or newer is needed on this platform: install it and run this again.');
  process.exit(1);
}

/** The shell and the npm that run this, or nothing where it was started by hand; it changes when one of them is killed. */
function launchers() {
  if (!process.env.npm_lifecycle_event) return '';
  const shell = process.ppid;
  try {
    const stat = readFileSync(`/proc/${shell}/stat`, 'utf8');
    return `${shell} ${stat.slice(stat.lastIndexOf(')')).split(' ')[2]}`;
  } catch {
    return `${shell}`;
  }
}

/** Runs a program to its end. Signals are passed on, and it is told when this process dies or loses the npm that ran it. */
function run(args) {
  const env = { ...process.env, PATH: `${at('node_modules/.bin')}:${process.env.PATH}` };
  const child = spawn(node24(), args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const launcher = launchers();
  const watch = setInterval(() => launchers() !== launcher && child.kill('SIGTERM'), 500);
  return new Promise((resolve) =>
    child.once('exit', (code, signal) => {
      clearInterval(watch);
      resolve(signal ? 1 : code);
    }),
  );
}

const [name = '', ...rest] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (!command) {
  console.error(`Unknown command "${name}": one of ${Object.keys(commands).join(', ')}.`);
  process.exit(2);
}
const missing = missingPrerequisites(process.env, command.needs === 'servers');
if (missing.length > 0) {
  console.error(missing.join('\n'));
  process.exit(1);
}
install();
for (const step of command.run(rest)) {
  const code = await run(step);
  if (code !== 0) process.exit(code);
}
