/**
 * `docs/asvs.md` says which tests prove the requirements of OWASP ASVS 5.0, chapters V9 (self-contained tokens) and V10
 * (OAuth and OIDC). It is made from the specs: a comment `// ASVS 10.4.2` stands above the test, or the group of tests, that
 * proves a requirement.
 *
 *     node infra/ci/asvs.mjs [--check]
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';

const root = join(import.meta.dirname, '..', '..');
const page = join(root, 'docs', 'asvs.md');

/** Number, level, what it is about in our words; `theirs` where it is a duty of whoever uses Gatehouse, and how it is helped. */
const requirements = [
  ['9.1.1', 1, 'no content of a token counts before its signature is verified'],
  ['9.1.2', 1, 'allowed algorithms only, never `none`, no confusion of keys'],
  ['9.1.3', 1, 'keys come from where the issuer is known to have them, never from the token'],
  ['9.2.1', 1, 'a token counts within its time only'],
  ['9.2.2', 2, 'a token counts for its purpose only'],
  ['9.2.3', 2, 'a token counts at its audience only'],
  ['9.2.4', 2, 'every token names its audience, which is checked when it is issued'],
  [
    '10.1.1',
    2,
    'tokens go only to who needs them',
    'an operator’s design; services never pass a caller’s token on, they exchange it',
  ],
  ['10.1.2', 2, 'codes and ID tokens count in the session that asked for them only'],
  [
    '10.2.1',
    2,
    'the client protects its redirect URI against forged requests',
    'clients’; PKCE is required of all but exempted confidential ones',
  ],
  ['10.2.2', 2, 'a client of several servers is safe from mix-up'],
  ['10.2.3', 3, 'a client asks for no more scope than it needs', 'clients’; each may have its registered scopes only'],
  ['10.3.1', 2, 'a service accepts tokens for itself only'],
  ['10.3.2', 2, 'what the token delegates is part of each decision'],
  ['10.3.3', 2, 'a person is known by claims that are nobody else’s later'],
  ['10.3.4', 2, 'a service that needs a strong or recent login checks for it'],
  ['10.3.5', 3, 'stolen tokens are of no use: sender-constrained tokens'],
  ['10.4.1', 1, 'redirect URIs are compared exactly with the client’s own'],
  ['10.4.2', 1, 'a code is used once; a second use revokes what the first gave'],
  ['10.4.3', 1, 'a code lives a minute at most'],
  ['10.4.4', 1, 'a client uses its registered grants only; no implicit, no password'],
  ['10.4.5', 1, 'a refresh token that comes twice revokes its family'],
  ['10.4.6', 2, 'PKCE by S256, required and verified'],
  ['10.4.7', 2, 'clients that register themselves are checked, and never trusted without consent'],
  ['10.4.8', 2, 'refresh tokens end with their grant, however often they are used'],
  ['10.4.9', 2, 'a person can revoke what a client holds'],
  ['10.4.10', 2, 'confidential clients are authenticated at every endpoint'],
  ['10.4.11', 2, 'a client gets the scopes that it is registered for only'],
  ['10.4.12', 3, 'the response mode is the one that the client means'],
  ['10.4.13', 3, 'codes are asked for by pushed requests only'],
  ['10.4.14', 3, 'only sender-constrained tokens are issued'],
  ['10.4.15', 3, '`authorization_details` come from the client’s server, unchanged'],
  ['10.4.16', 3, 'clients authenticate by keys that are never sent'],
  ['10.5.1', 2, 'ID tokens cannot be replayed: the nonce'],
  ['10.5.2', 2, 'the client knows a person by `sub`', 'clients’; `sub` is an id that is never given again'],
  ['10.5.3', 2, 'the client compares the issuer of the metadata', 'clients’; the metadata name the issuer exactly'],
  ['10.5.4', 2, 'the client checks `aud` of the ID token', 'clients’; it is the client’s id alone'],
  ['10.5.5', 2, 'logout tokens cannot be taken for others, nor be replayed'],
  ['10.6.1', 2, 'no response type that gives tokens to the browser'],
  ['10.6.2', 2, 'nobody is logged out by a forged request'],
  ['10.7.1', 2, 'a person consents to each client that is not known to be ours'],
  ['10.7.2', 2, 'the consent page says who asks for what'],
  ['10.7.3', 2, 'a person sees consents and takes them back'],
];

/** The tests by requirement: `10.4.2 -> [file: title]`. */
export function taggedTests(files) {
  const tests = new Map();
  for (const [file, text] of files) {
    const lines = text.split('\n');
    for (const [at, line] of lines.entries()) {
      const tag = /^\s*\/\/ ASVS ([\d., ]+)$/.exec(line);
      if (!tag) continue;
      const title = titleAfter(lines, at + 1);
      if (title === undefined) throw new Error(`${file}:${at + 1}: no test follows`);
      for (const id of tag[1].split(',').map((one) => one.trim()))
        tests.set(id, [...(tests.get(id) ?? []), `\`${file}\`: ${title}`]);
    }
  }
  return tests;
}

/** The title of the test or group that begins on or soon after line `from`; a table of cases may stand before it. */
function titleAfter(lines, from) {
  if (!/^\s*(test|describe)\b/.test(lines[from] ?? '')) return undefined;
  const table = /\.each\b/.test(lines[from]);
  for (const line of lines.slice(from, from + 60)) {
    const found = table ? /^\s*\]?\)?.*\)\(\s*'([^']+)'|^\s*\]\)\('([^']+)'/.exec(line) : /\b(?:test|describe)\(\s*(['"`])(.+?)\1,/.exec(line); // prettier-ignore
    if (found) return table ? (found[1] ?? found[2]) : found[2];
  }
  return undefined;
}

function render(tests) {
  const unknown = [...tests.keys()].filter((id) => !requirements.some(([known]) => known === id));
  if (unknown.length > 0) throw new Error(`There is no requirement ${unknown.join(', ')}`);
  const rows = requirements.map(([id, level, about, theirs]) => {
    const proof = [...(tests.get(id) ?? []), ...(theirs ? [`Not ours: ${theirs}.`] : [])].sort();
    return `| ${id} | ${level} | ${about} | ${proof.length > 0 ? proof.join('<br>') : '**open**'} |`;
  });
  return [
    '# OWASP ASVS 5.0: V9 and V10',
    '',
    'Made by `npm run asvs` from the specs, whose tests carry the numbers (`// ASVS 10.4.2`). The words are ours; the standard has the',
    'requirements in full. `%s` in a title stands for the cases of a table.',
    '',
    '| requirement | level | what | proven by |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

if (process.argv[1] === import.meta.filename) {
  const paths = globSync('{libs,services,test}/**/*.spec.ts', {
    cwd: root,
    exclude: (name) => /node_modules|dist/.test(name),
  });
  const text = render(taggedTests(paths.sort().map((path) => [path, readFileSync(join(root, path), 'utf8')])));
  const rendered = await format(text, { ...(await resolveConfig(page)), parser: 'markdown' });
  const open = rendered.split('\n').filter((line) => line.includes('**open**')).length;
  if (process.argv.includes('--check')) {
    const same = readFileSync(page, 'utf8') === rendered;
    console.log(
      same
        ? `${requirements.length} requirements, ${open} open`
        : 'docs/asvs.md is not what the specs say: run `npm run asvs`',
    );
    process.exit(same ? 0 : 1);
  }
  writeFileSync(page, rendered);
  console.log(`wrote docs/asvs.md: ${requirements.length} requirements, ${open} open`);
}
