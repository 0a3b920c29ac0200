import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

type Direction = 'request' | 'response';

/** One client's connection through the proxy. */
interface Connection {
  readonly client: Socket;
  readonly server: Socket;
  /** Bytes were swallowed, so what follows would make no sense to the peer. */
  damaged: boolean;
}

/**
 * A TCP proxy that breaks on order. A fault holds for open and for new connections until `restore()`, which resets
 * every connection that lost bytes; the others go on.
 */
export class FaultProxy {
  private readonly connections = new Set<Connection>();
  private delayMs = 0;
  private refusing = false;
  private swallowing: ReadonlySet<Direction> = new Set();
  private responsesToLose = 0;

  private constructor(
    private readonly listener: Server,
    private readonly target: { readonly host: string; readonly port: number },
  ) {}

  /** Listens on a free loopback port and forwards to `target`. */
  static async start(target: { host?: string; port: number }): Promise<FaultProxy> {
    // A half-closed connection stays half-closed through the proxy.
    const listener = createServer({ allowHalfOpen: true });
    const proxy = new FaultProxy(listener, { host: '127.0.0.1', ...target });
    listener.on('connection', (client) => proxy.accept(client));
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  readonly host = '127.0.0.1';

  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  /** How many connections are open. */
  get open(): number {
    return this.connections.size;
  }

  /** Every chunk in either direction arrives `ms` later, in order. */
  delay(ms: number): void {
    this.delayMs = ms;
  }

  /** Resets every connection, and each new one at once. */
  cut(): void {
    this.refusing = true;
    for (const connection of this.connections) reset(connection);
  }

  /** The network is gone without a word: connections stay open and new ones are accepted, but no byte arrives. */
  halfOpen(): void {
    this.swallowing = new Set<Direction>(['request', 'response']);
  }

  /** Requests arrive and are carried out; their answers never come back. */
  dropResponses(): void {
    this.swallowing = new Set<Direction>(['response']);
  }

  /** Loses the next `count` chunks of answers, each together with its connection: done, but nobody was told. */
  loseResponses(count = 1): void {
    this.responsesToLose = count;
  }

  /** Ends every fault. */
  restore(): void {
    this.delayMs = 0;
    this.refusing = false;
    this.swallowing = new Set();
    this.responsesToLose = 0;
    for (const connection of this.connections) if (connection.damaged) reset(connection);
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.listener.close(resolve));
  }

  private accept(client: Socket): void {
    if (this.refusing) {
      client.resetAndDestroy();
      return;
    }
    const connection = { client, server: connect({ ...this.target, allowHalfOpen: true }), damaged: false };
    this.connections.add(connection);
    this.forward(connection, 'request');
    this.forward(connection, 'response');
    for (const socket of [client, connection.server]) {
      socket.setNoDelay(true);
      socket.on('error', () => reset(connection));
      socket.on('close', () => {
        if (client.destroyed && connection.server.destroyed) this.connections.delete(connection);
      });
    }
  }

  private forward(connection: Connection, direction: Direction): void {
    const [from, to] =
      direction === 'request' ? [connection.client, connection.server] : [connection.server, connection.client];
    // One chain for each direction keeps the order when the delay changes in between.
    let previous = Promise.resolve();
    const inOrder = (deliver: () => void) => {
      const due = performance.now() + this.delayMs;
      previous = previous.then(() => passed(due)).then(deliver);
    };
    from.on('data', (chunk) => {
      if (direction === 'response' && this.responsesToLose > 0) {
        this.responsesToLose -= 1;
        reset(connection);
      } else if (this.swallowing.has(direction)) connection.damaged = true;
      else
        inOrder(() => {
          if (to.writable && !to.write(chunk)) {
            from.pause();
            to.once('drain', () => from.resume());
          }
        });
    });
    from.on('end', () => {
      if (this.swallowing.has(direction)) connection.damaged = true;
      else inOrder(() => to.end());
    });
  }
}

function reset({ client, server }: Connection): void {
  client.resetAndDestroy();
  server.resetAndDestroy();
}

/** Resolves at once for a moment that is over, so an undelayed byte waits for no timer. */
async function passed(dueMs: number): Promise<void> {
  const left = dueMs - performance.now();
  if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
}
