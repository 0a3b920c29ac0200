import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { FaultProxy } from './fault-proxy.ts';

let server: Server;
let proxy: FaultProxy;
/** What the server has read, so that "it arrived" and "it was answered" can be told apart. */
let received: string;

beforeEach(async () => {
  received = '';
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      received += chunk.toString();
      socket.write(`echo ${chunk.toString()}`);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  proxy = await FaultProxy.start({ port: (server.address() as AddressInfo).port });
});
afterEach(async () => {
  await proxy.stop();
  await new Promise((resolve) => server.close(resolve));
});

async function client(): Promise<Socket> {
  const socket = connect(proxy.port, proxy.host);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}
/** Also when the connection ends by a reset, which `once` would report as a failure. */
const closing = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()));
const answer = async (socket: Socket) => String((await once(socket, 'data'))[0]);
/** `silent` when nothing comes within the time, which is the fault that the test ordered. */
const answerWithin = (socket: Socket, ms: number) =>
  Promise.race([answer(socket), new Promise<string>((resolve) => setTimeout(resolve, ms, 'silent'))]);
async function arrived(text: string): Promise<void> {
  while (!received.includes(text)) await new Promise((resolve) => setImmediate(resolve));
}

test('without a fault bytes go through both ways and a half-closed connection is answered', async () => {
  const socket = await client();
  socket.end('hello');
  expect(await answer(socket)).toBe('echo hello');
  await closing(socket);
  expect(proxy.open).toBe(0);
});

test('a delay holds back every chunk and keeps the order, also when it is lifted in between', async () => {
  const socket = await client();
  proxy.delay(40);
  const startedAt = performance.now();
  socket.write('one ');
  await arrived('one');
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(35); // a timer of 40 ms may fire a little early
  proxy.restore();
  socket.write('two ');
  await arrived('two');
  expect(received).toBe('one two ');
});

test('a cut resets open connections and new ones until it is restored', async () => {
  const open = await client();
  const closed = closing(open);
  proxy.cut();
  await closed;
  const refused = connect(proxy.port, proxy.host);
  await expect(once(refused, 'data')).rejects.toMatchObject({ code: 'ECONNRESET' });
  proxy.restore();
  const again = await client();
  again.write('hello');
  expect(await answer(again)).toBe('echo hello');
  again.destroy();
});

test('a half-open connection stays open while no byte arrives, and is reset at restore', async () => {
  const socket = await client();
  proxy.halfOpen();
  socket.write('lost');
  expect(await answerWithin(socket, 50)).toBe('silent');
  expect([received, socket.destroyed]).toEqual(['', false]);
  const closed = closing(socket);
  proxy.restore();
  await closed;
});

test('dropped responses: the request is carried out and the client hears nothing', async () => {
  const socket = await client();
  proxy.dropResponses();
  socket.write('done');
  await arrived('done');
  expect(await answerWithin(socket, 50)).toBe('silent');
  socket.destroy();
});

test('one lost response takes its connection along; the next connection is whole', async () => {
  const socket = await client();
  proxy.loseResponses(1);
  const closed = closing(socket);
  socket.write('done');
  await closed;
  expect(received).toBe('done');
  const again = await client();
  again.write('more');
  expect(await answer(again)).toBe('echo more');
  again.destroy();
});

test('a connection that lost nothing survives restore', async () => {
  const socket = await client();
  proxy.delay(1);
  proxy.restore();
  socket.write('hello');
  expect(await answer(socket)).toBe('echo hello');
  socket.destroy();
});
