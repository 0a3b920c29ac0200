/**
 * Generates the published contracts from the catalog.
 *
 *     main.ts             writes contracts/generated
 *     main.ts --check     fails where the committed files differ or break the last release
 *     main.ts --release   makes the present contracts the released ones; refuses a break unless told --breaking
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { contractBreaks, describeBreak } from './compatibility.ts';
import { generateDocuments, parseDocuments, readDocuments } from './documents.ts';
import { contractsFolder } from './version.ts';

const { values: asked } = parseArgs({
  options: { check: { type: 'boolean' }, release: { type: 'boolean' }, breaking: { type: 'boolean' } },
});

async function write(folder: 'generated' | 'released', documents: ReadonlyMap<string, string>): Promise<void> {
  const present = await readDocuments(folder);
  for (const [name, text] of documents) {
    if (present.get(name) === text) continue;
    const path = join(contractsFolder, folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    console.log(`wrote contracts/${folder}/${name}`);
  }
}

function fail(lines: readonly string[]): void {
  for (const line of lines) console.error(line);
  if (lines.length > 0) process.exitCode = 1;
}

const documents = generateDocuments();
const breaks = contractBreaks(parseDocuments(await readDocuments('released')), parseDocuments(documents)).map(
  describeBreak,
);
if (asked.check) {
  const committed = await readDocuments('generated');
  const drifted = [...documents].filter(([name, text]) => committed.get(name) !== text).map(([name]) => name);
  fail(
    drifted.map((name) => `contracts/generated/${name} is not what the declarations say: run \`npm run contracts\``),
  );
  fail(breaks.map((line) => `breaking: ${line}`));
} else {
  await write('generated', documents);
  if (asked.release && breaks.length > 0 && !asked.breaking) fail(breaks.map((line) => `breaking: ${line}`));
  else if (asked.release) await write('released', documents);
}
