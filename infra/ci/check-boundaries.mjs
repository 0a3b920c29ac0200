/**
 * A rule that has stopped working looks exactly like code that keeps it. So each boundary is broken on purpose here, in
 * the text of a file that exists, and the linter has to object; the same file with nothing wrong has to pass.
 */
import { join, relative } from 'node:path';
import { ESLint } from 'eslint';

const root = join(import.meta.dirname, '..', '..');
const boundary = '@nx/enforce-module-boundaries';
const restricted = 'no-restricted-imports';

const canaries = [
  ['a library imports a service', 'libs/problem/src/index.ts', "import '@gatehouse/token/operator';", boundary],
  ['a service imports another', 'services/audit-log/src/operator.ts', "import '@gatehouse/token/operator';", boundary],
  ['contracts import a library', 'contracts/src/index.ts', "import '@gatehouse/problem';", boundary],
  ['code that runs imports the test harness', 'libs/database/src/index.ts', "import '@gatehouse/testing';", boundary],
  ['a relative import leaves its project', 'libs/http/src/index.ts', "import '../../problem/src/index.ts';", boundary],
  ['a domain imports a framework', 'services/token/src/domain/scope.ts', "import '@nestjs/common';", restricted],
  [
    'a slice imports another',
    'services/token/src/log-in/log-in.ts',
    "import '../read-me/read-me.controller.ts';",
    restricted,
  ],
  [
    'code reads its environment',
    'libs/http/src/index.ts',
    'export default process.env.HOME;',
    'no-restricted-properties',
  ],
];

const eslint = new ESLint({ cwd: root });
let failures = 0;
for (const [what, file, text, rule] of canaries) {
  const broken = await rulesBroken(file, `${text}\n`);
  const clean = await rulesBroken(file, 'export const nothing = 0;\n');
  const caught = broken.includes(rule) && !clean.includes(rule);
  console.log(`${caught ? 'caught  ' : 'NOT CAUGHT'} ${what}${caught ? '' : ` (${relative(root, join(root, file))}: ${broken.join(', ') || 'nothing'})`}`); // prettier-ignore
  if (!caught) failures++;
}
process.exit(failures > 0 ? 1 : 0);

async function rulesBroken(file, text) {
  const [result] = await eslint.lintText(text, { filePath: join(root, file) });
  return result.messages.map(({ ruleId, message }) => ruleId ?? message);
}
