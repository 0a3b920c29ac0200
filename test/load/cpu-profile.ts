import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Profiler } from 'node:inspector';

/** Where Node opens a process's inspector when it is asked to by SIGUSR1; on loopback only. */
const INSPECTOR = 'http://127.0.0.1:9229';
const SAMPLE_US = 500;

/** Parts of the main thread's busy time, from 0 to 1, by who spent it. */
export type CpuShares = ReadonlyMap<string, number>;

/** Samples the main thread of process `pid` while `work` goes on. One process at a time: they share the inspector's port. */
export async function profileWhile<T>(pid: number, work: () => Promise<T>): Promise<{ result: T; shares: CpuShares }> {
  const inspector = await Inspector.of(pid);
  try {
    await inspector.send('Profiler.enable');
    await inspector.send('Profiler.setSamplingInterval', { interval: SAMPLE_US });
    await inspector.send('Profiler.start');
    const result = await work();
    const { profile } = (await inspector.send('Profiler.stop')) as Profiler.StopReturnType; // -- CDP, Profiler domain
    return { result, shares: sharesOf(profile) };
  } finally {
    inspector.close();
  }
}

/** Just what is needed of the Chrome DevTools protocol. */
class Inspector {
  readonly #answers = new Map<number, (result: unknown) => void>();
  #sent = 0;

  private constructor(private readonly socket: WebSocket) {
    socket.addEventListener('message', ({ data }) => {
      const { id, result } = JSON.parse(String(data)) as { id: number; result: unknown };
      this.#answers.get(id)?.(result);
    });
  }

  static async of(pid: number): Promise<Inspector> {
    process.kill(pid, 'SIGUSR1');
    const socket = new WebSocket(await addressOf(INSPECTOR));
    await once(socket, 'open');
    return new Inspector(socket);
  }

  send(method: string, params: object = {}): Promise<unknown> {
    this.#sent += 1;
    const id = this.#sent;
    this.socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => this.#answers.set(id, resolve));
  }

  close(): void {
    this.socket.close();
  }
}

async function addressOf(inspector: string): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const targets = (await (await fetch(`${inspector}/json`)).json()) as { webSocketDebuggerUrl: string }[];
      if (targets[0]) return targets[0].webSocketDebuggerUrl;
    } catch (error) {
      if (attempt === 20) throw error;
    }
    await delay(100);
  }
}

/** Node's own functions count for whoever called them; a garbage collection counts for nobody. */
export function sharesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): CpuShares {
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const ownerOf = (id: number | undefined): string => {
    const frame = id === undefined ? undefined : byId.get(id)?.callFrame;
    if (!frame) return 'event loop';
    if (frame.functionName === '(garbage collector)') return 'garbage collection';
    if (frame.functionName === 'signOneShot') return 'signing';
    return packageOf(frame.url) ?? ownerOf(parents.get(id!));
  };
  const spent = new Map<string, number>();
  let busy = 0;
  for (const [i, id] of samples.entries()) {
    if (byId.get(id)?.callFrame.functionName === '(idle)') continue;
    const owner = ownerOf(id);
    spent.set(owner, (spent.get(owner) ?? 0) + (timeDeltas[i] ?? 0));
    busy += timeDeltas[i] ?? 0;
  }
  const shares = [...spent].map(([owner, us]) => [owner, us / busy] as const);
  return new Map(shares.sort(([, a], [, b]) => b - a));
}

/** `pg`, `libs/http`, `services/token`; undefined for what belongs to Node. */
function packageOf(url: string): string | undefined {
  const installed = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url);
  if (installed) return installed[1];
  return /\/((?:libs|services)\/[^/]+|contracts)\//.exec(url)?.[1];
}
