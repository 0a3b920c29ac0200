import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Health } from '@gatehouse/lifecycle';
import { log, metrics, redactText } from '@gatehouse/telemetry';

const EXERCISE_DEADLINE_MS = 5_000;

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * Health and metrics on a port of their own. It listens before the application is built, so that a slow start can be
 * told from a dead process, and closes last.
 *
 * - `/health/live`: the process answers; asks nothing of any other server.
 * - `/health/startup`: 503 until the service has started.
 * - `/health/ready`: 503 naming each part that is not ready, and why.
 * - `/health/components/<part>`: really uses the part.
 * - `/metrics`: Prometheus.
 */
export class AdminServer {
  readonly #server: Server;
  readonly #exercises = new Map<string, Promise<Answer>>();
  #started = false;

  constructor(private readonly health: Health) {
    this.#server = createServer((request, response) => {
      void this.#handle(request.method ?? '', request.url ?? '', response);
    });
  }

  async listen(port: number, host: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(port, host, resolve);
    });
  }

  get address(): AddressInfo {
    return this.#server.address() as AddressInfo; // -- it listens on TCP
  }

  /** Makes `/health/startup` answer 200, for good. */
  markStarted(): void {
    this.#started = true;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #handle(method: string, url: string, response: ServerResponse): Promise<void> {
    try {
      const path = url.split('?', 1)[0] ?? '';
      if (method !== 'GET' && method !== 'HEAD')
        return send(response, { status: 405, body: { status: 'no such method' } });
      if (path !== '/metrics') return send(response, await this.#health(path));
      response.setHeader('content-type', metrics.contentType);
      response.end(await metrics.metrics());
    } catch (error) {
      log('admin').error({ err: error }, 'admin_request_failed');
      send(response, { status: 500, body: { status: 'failed' } });
    }
  }

  #health(path: string): Answer | Promise<Answer> {
    switch (path) {
      case '/health/live':
        return { status: 200, body: { status: 'alive' } };
      case '/health/startup':
        return this.#started
          ? { status: 200, body: { status: 'started' } }
          : { status: 503, body: { status: 'starting' } };
      case '/health/ready':
        return this.#readiness();
      case '/health/components':
        return { status: 200, body: { components: this.health.components } };
      default: {
        const part = /^\/health\/components\/([\w.-]+)$/.exec(path)?.[1];
        return part === undefined ? notFound : this.#exercise(part);
      }
    }
  }

  #readiness(): Answer {
    const { ready, failing } = this.health.readiness();
    const reasons = failing.map(({ part, reason }) => ({ part, reason: redactText(reason) }));
    const starting = this.#started ? [] : [{ part: 'startup', reason: 'the service is starting' }];
    if (ready && this.#started) return { status: 200, body: { status: 'ready' } };
    return { status: 503, body: { status: 'not ready', failing: [...starting, ...reasons] } };
  }

  /** Callers that come while a part is being exercised share the result, so that probes cannot load it. */
  #exercise(part: string): Promise<Answer> {
    let running = this.#exercises.get(part);
    if (!running) {
      running = this.#runExercise(part).finally(() => this.#exercises.delete(part));
      this.#exercises.set(part, running);
    }
    return running;
  }

  async #runExercise(part: string): Promise<Answer> {
    try {
      const durationMs = await this.health.exercise(part, EXERCISE_DEADLINE_MS);
      if (durationMs === null) return notFound;
      return { status: 200, body: { part, status: 'up', duration_ms: Math.round(durationMs * 100) / 100 } };
    } catch (error) {
      const reason = redactText(error instanceof Error ? error.message : String(error));
      return { status: 503, body: { part, status: 'down', reason } };
    }
  }
}

const notFound: Answer = { status: 404, body: { status: 'no such page' } };

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
