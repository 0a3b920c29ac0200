import { CircuitBreaker, CircuitOpen } from './index.ts';

const down = new Error('down');
const wrong = new Error('wrong command');
const isFailure = (error: unknown) => error === down;

/** A breaker on a clock of its own, and the calls that went through it. */
function breakerAt(start = 0) {
  let now = start;
  let calls = 0;
  const breaker = new CircuitBreaker({ failuresMax: 3, openMs: 1_000, now: () => now });
  const call = (error?: Error) =>
    breaker.run(() => {
      calls += 1;
      return error ? Promise.reject(error) : Promise.resolve('ok');
    }, isFailure);
  const fail = async (times: number) => {
    for (let i = 0; i < times; i += 1) await expect(call(down)).rejects.toBe(down);
  };
  return { breaker, call, fail, calls: () => calls, advance: (ms: number) => (now += ms) };
}

test('failures in a row open the circuit, and calls then fail at once without being made', async () => {
  const { call, fail, calls } = breakerAt();
  await fail(3);
  await expect(call()).rejects.toBeInstanceOf(CircuitOpen);
  expect(calls()).toBe(3);
});

test('a success in between starts the count again', async () => {
  const { breaker, call, fail } = breakerAt();
  await fail(2);
  await call();
  await fail(2);
  expect(breaker.open).toBe(false);
});

test("an error that is not the server's trouble never opens the circuit", async () => {
  const { breaker, call } = breakerAt();
  for (let i = 0; i < 10; i += 1) await expect(call(wrong)).rejects.toBe(wrong);
  expect(breaker.open).toBe(false);
});

test('after the pause one probe goes through, alone; its success closes the circuit', async () => {
  const { breaker, call, fail, calls, advance } = breakerAt();
  await fail(3);
  advance(999);
  await expect(call()).rejects.toBeInstanceOf(CircuitOpen);
  advance(1);
  const probe = call();
  await expect(call()).rejects.toBeInstanceOf(CircuitOpen);
  expect(await probe).toBe('ok');
  expect(calls()).toBe(4);
  expect(breaker.open).toBe(false);
  expect(await call()).toBe('ok');
});

test('a probe that fails opens the circuit for another pause', async () => {
  const { call, fail, advance } = breakerAt();
  await fail(3);
  advance(1_000);
  await fail(1);
  advance(999);
  await expect(call()).rejects.toBeInstanceOf(CircuitOpen);
  advance(1);
  expect(await call()).toBe('ok');
});
