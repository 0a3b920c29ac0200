import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { kafkaClient, startKafka } from './kafka.ts';
import { freePorts } from './ports.ts';
import { Processes } from './processes.ts';
import { newSecret } from './secrets.ts';
import { downloadFolder } from './workspace.ts';

jest.setTimeout(240_000);

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-kafka-'));
const home = join(folder, 'kafka');
const users = { admin: newSecret() };
let port: number;
let controllerPort: number;
let processes: Processes;

async function start(): Promise<void> {
  processes = new Processes(join(folder, 'processes.json'));
  const place = { home, logFile: join(folder, 'log'), downloads: downloadFolder, processes, forTests: true };
  await startKafka({ ...place, port, controllerPort, users, heapMb: 256 });
}

beforeAll(async () => {
  [port = 0, controllerPort = 0] = await freePorts(2);
  await start();
});
afterAll(async () => {
  await processes.stop();
  rmSync(folder, { recursive: true, force: true });
});

const int8 = (value: number) => Buffer.from([value]);
const int16 = (value: number) => Buffer.from([value >> 8, value & 0xff]);
const int32 = (value: number) => Buffer.from([value >> 24, value >> 16, value >> 8, value]);
const string = (value: string) => Buffer.concat([int16(value.length), Buffer.from(value)]);
const bytes = (value: Buffer) => Buffer.concat([int32(value.length), value]);

interface Request {
  readonly api: number;
  readonly version: number;
  readonly body: Buffer;
}

/** Kafka's wire protocol (kafka.apache.org/protocol), since no client library speaks to a controller. */
const saslHandshake: Request = { api: 17, version: 1, body: string('PLAIN') };
const saslAuthenticate = (password: string): Request => ({
  api: 36,
  version: 0,
  body: bytes(Buffer.from(`\0controller\0${password}`)),
});
/** Allows User:mallory everything on every topic. */
const createAcls: Request = {
  api: 30,
  version: 1,
  body: Buffer.concat([int32(1), int8(2), string('*'), int8(3), string('User:mallory'), string('*'), int8(2), int8(3)]),
};

/** What follows the correlation id of the answer; rejects where the connection ends instead. */
function ask(socket: Socket, { api, version, body }: Request): Promise<Buffer> {
  socket.write(bytes(Buffer.concat([int16(api), int16(version), int32(1), string('spec'), body])));
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const closed = () => reject(new Error('the connection was closed'));
    socket.once('close', closed).once('error', closed);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 4 || received.length < 4 + received.readInt32BE()) return;
      socket.removeAllListeners();
      resolve(received.subarray(8));
    });
  });
}

/** Sends the requests one after the other to the controller and resolves with the last answer. */
async function toController(...requests: Request[]): Promise<Buffer> {
  const socket = connect(controllerPort, '127.0.0.1');
  try {
    let answer: Buffer = Buffer.alloc(0);
    for (const request of requests) answer = await ask(socket, request);
    return answer;
  } finally {
    socket.on('error', () => undefined).destroy();
  }
}

async function grantsOfMallory(): Promise<number> {
  const admin = kafkaClient(`127.0.0.1:${port}`, 'admin', users.admin).admin();
  await admin.connect();
  try {
    const any = { resourceType: 1, resourcePatternType: 1, operation: 1, permissionType: 1 };
    const { resources } = await admin.describeAcls({ ...any, principal: 'User:mallory' });
    return resources.length;
  } finally {
    await admin.disconnect();
  }
}

const controllerPassword = () =>
  /user_controller="([^"]+)"/.exec(readFileSync(join(home, 'server.properties'), 'utf8'))?.[1] ?? '';

test('the controller takes no access rule from who does not log in, nor from who does with a wrong password', async () => {
  await expect(toController(createAcls)).rejects.toThrow('closed');
  const guessed = toController(saslHandshake, saslAuthenticate('a guess'), createAcls);
  await expect(guessed).rejects.toThrow('closed');
  expect(await grantsOfMallory()).toBe(0);
});

test('the same request after a login is carried out, so that it is the login that keeps others out (control)', async () => {
  const login = [saslHandshake, saslAuthenticate(controllerPassword())];
  const answer = await toController(...login, createAcls);
  const [, results, error] = [answer.readInt32BE(0), answer.readInt32BE(4), answer.readInt16BE(8)];
  expect({ results, error }).toEqual({ results: 1, error: 0 });
  expect(await grantsOfMallory()).toBe(1);
});

test('a node with data starts again, with another password for its controller', async () => {
  const before = controllerPassword();
  await processes.stop();
  await start();
  expect(controllerPassword()).not.toBe(before);
  expect(await grantsOfMallory()).toBe(1);
});

test('nobody is a superuser without a name', () => {
  const properties = readFileSync(join(home, 'server.properties'), 'utf8');
  expect(/^super\.users=(.*)$/m.exec(properties)?.[1]).toBe('User:admin;User:controller');
});
