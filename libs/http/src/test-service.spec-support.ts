import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { loadConfig, serviceSettings } from '@gatehouse/config';
import { defineEndpoint, type Endpoint as EndpointDeclaration } from '@gatehouse/contracts';
import { configureLogging } from '@gatehouse/telemetry';
import { Module, type Provider, type Type } from '@nestjs/common';
import { createService, type RunningService, type ServiceOptions } from './index.ts';

const settings = serviceSettings({ port: 4001, adminPort: 4101 });
const variables = {
  GATEHOUSE_ENV: 'testing',
  LOG_LEVEL: 'info',
  PORT: '0',
  ADMIN_PORT: '0',
  SERVICE_URL: 'http://127.0.0.1:4001',
  ISSUER: 'http://127.0.0.1:4001',
};

export interface TestService extends RunningService {
  /** Every line logged since the start, as text. */
  readonly log: string[];
  send(options: TestRequest): Promise<TestResponse>;
  /** Sends bytes as they are and resolves with everything that comes back until the server closes. */
  sendRaw(bytes: string): Promise<string>;
}

export interface TestRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface TestResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The parsed body. */
  readonly json: unknown;
}

interface TestServiceOptions {
  readonly controllers: Type[];
  readonly endpoints: readonly EndpointDeclaration[];
  readonly providers?: Provider[];
  readonly variables?: Readonly<Record<string, string>>;
  readonly options?: Partial<ServiceOptions>;
}

/** A real service on free ports, with the endpoints of a test in place of the catalog's. */
export async function startTestService(given: TestServiceOptions): Promise<TestService> {
  @Module({ controllers: given.controllers, providers: given.providers ?? [] })
  class TestModule {}

  const log: string[] = [];
  configureLogging({ service: 'token', level: 'info', sink: { write: (line) => void log.push(line) } });
  const config = loadConfig(settings, { ...variables, ...given.variables });
  const { endpoints, options } = given;
  const service = await createService({ service: 'token', config, module: TestModule, endpoints, ...options });
  return {
    ...service,
    log,
    send: (request) => send(service.url, request),
    sendRaw: (bytes) => sendRaw(service.url, bytes),
  };
}

/** An endpoint with everything that a test does not care about. */
export function endpoint<const E extends Partial<EndpointDeclaration>>(given: E) {
  const { method = 'GET', path = '/thing' } = given;
  return defineEndpoint({
    id: `token.${method.toLowerCase()}${path.replace(/\W+/g, '-')}`,
    service: 'token',
    method,
    path,
    access: 'public',
    summary: 'Of a test.',
    input: {},
    success: { status: 200, body: 'none' },
    errors: [],
    ...given,
  }) as EndpointDeclaration & E; // -- what is given wins over the defaults
}

/** Unlike fetch it leaves headers alone and sends bodies in any method. */
function send(base: string, { method = 'GET', path, headers = {}, body }: TestRequest): Promise<TestResponse> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = httpRequest(base + path, { method, headers: { ...length, ...headers }, agent: false });
    request.on('error', reject).on('response', (response) => {
      void text(response).then((received) => {
        const type = response.headers['content-type'] ?? '';
        const json: unknown = type.includes('json') && received !== '' ? JSON.parse(received) : undefined;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: received, json });
      }, reject);
    });
    request.end(body);
  });
}

function sendRaw(base: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let received = '';
    socket.on('data', (chunk) => (received += chunk.toString()));
    socket.on('close', () => resolve(received)).on('error', reject);
  });
}
