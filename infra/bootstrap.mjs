import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const [command, ...rest] = process.argv.slice(2);
if (command === 'test-platform') {
  const node = join(root, 'node_modules/.bin/node');
  const main = join(root, 'infra/local/src/test-platform.main.ts');
  spawnSync(node, ['--conditions=@gatehouse/source', '--disable-warning=TimeoutNegativeWarning', main, ...rest], {
    stdio: 'inherit',
  });
}
