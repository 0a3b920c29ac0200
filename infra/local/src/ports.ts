import { createServer } from 'node:net';

/** A port that a part will listen on, and the setting that changes it. */
export interface PlannedPort {
  readonly part: string;
  readonly port: number;
  readonly setting: string;
}

/** Refuses to start when a port is taken: names every such port, what wanted it, and the setting that moves it. */
export async function checkPorts(planned: readonly PlannedPort[]): Promise<void> {
  const taken: string[] = [];
  for (const { part, port, setting } of planned)
    if (!(await isFree(port)))
      taken.push(`port ${port} (${part}) is taken: free it, or set ${setting} to another port`);
  if (taken.length > 0) throw new Error(taken.join('\n'));
}

/** Whether 127.0.0.1 can be listened on at this port now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

// Below the range from which systems take the ports of outgoing connections, so that none is taken in between.
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** Free ports, started from a random place so that several runs on one machine hardly ever meet. */
export async function freePorts(count: number): Promise<number[]> {
  const found: number[] = [];
  let port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
  while (found.length < count) {
    port = port >= HIGHEST ? LOWEST : port + 1;
    if (await isFree(port)) found.push(port);
  }
  return found;
}
