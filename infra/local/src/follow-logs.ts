import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Shows what is added to any log in the folder from now on, each line behind its part's name. */
export function followLogs(folder: string): void {
  const shown = new Map<string, number>();
  const show = (file: string) => {
    const path = join(folder, file);
    const { size } = statSync(path);
    const from = shown.get(file) ?? 0;
    shown.set(file, size);
    if (size <= from) return; // a file that became smaller was begun anew
    const name = file.replace(/\.log$/, '').padEnd(20);
    const lines = createInterface({ input: createReadStream(path, { start: from, end: size - 1 }) });
    lines.on('line', (line) => console.log(`${name} ${line}`));
  };
  const logs = () => readdirSync(folder).filter((file) => file.endsWith('.log'));
  for (const file of logs()) shown.set(file, statSync(join(folder, file)).size);
  setInterval(() => logs().forEach(show), 250).unref();
}
