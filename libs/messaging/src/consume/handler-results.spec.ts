import { Controller } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { EventPattern, Server } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { emailVerified } from '@gatehouse/contracts';
import type { Tx } from '@gatehouse/database';
import { uuidv7 } from '@gatehouse/database';
import { eventually } from '@gatehouse/testing';
import { lastValueFrom, of, throwError } from 'rxjs';
import type { Observable } from 'rxjs';
import type { MessageOf } from '../wire.ts';
import { addEffect, ConsumerBench, verified } from './consumer.spec-support.ts';
import { DependencyFailure } from './failures.ts';
import { Consumes } from './handler-declaration.ts';
import { settled } from './handlers.ts';

type Verified = MessageOf<typeof emailVerified>;

let behave: (message: Verified, tx: Tx) => unknown;

@Controller()
class Handler {
  @Consumes(emailVerified)
  handle(message: Verified, tx: Tx): unknown {
    return behave(message, tx);
  }
}

let bench: ConsumerBench;
beforeAll(async () => void (bench = await ConsumerBench.open('handler-results')));
afterEach(() => bench.stopAll());
afterAll(() => bench.close());

const away = new DependencyFailure('the other server is away');
const failures: [string, () => unknown][] = [
  [
    'throws',
    () => {
      throw away;
    },
  ],
  ['rejects', () => Promise.reject(away)],
  ['returns an Observable that errors', () => throwError(() => away)],
  ['resolves with an Observable that errors', () => Promise.resolve(throwError(() => away))],
];

test.each(failures)('a handler that %s leaves no effect and no offset, and gets its message again', async (_, fail) => {
  const account = uuidv7();
  let attempts = 0;
  behave = async (message, tx) => {
    attempts += 1;
    await addEffect(tx, message);
    return attempts < 3 ? fail() : of('done');
  };
  const app = await bench.start([Handler]);
  const before = await bench.committed();
  const sent = await bench.send(emailVerified, verified(account));
  await eventually(() => attempts >= 2, { within: '10s' });
  expect(await bench.effectsOf(account)).toEqual([]);
  expect(await bench.committed()).toBe(before);
  await bench.past(sent);
  expect(await bench.effectsOf(account)).toEqual([sent.id]);
  await app.stop();
});

test('Nest alone takes a failed handler for a success and forgets its error; the decorators keep it', async () => {
  behave = () => {
    throw away;
  };
  const stock = await resultOf(Stock);
  await expect(lastValueFrom(stock)).rejects.toEqual({ status: 'error', message: 'Internal server error' });
  await expect(lastValueFrom(await resultOf(Handler))).rejects.toBe(away);
  await expect(settled(resultOf(Handler))).rejects.toBe(away);
});

@Controller()
class Stock {
  @EventPattern('stock')
  handle(_message: unknown): unknown {
    throw away;
  }
}

/** What Nest makes of a call of the only handler of `controller`: RESOLVED, although the handler throws. */
async function resultOf(controller: Type): Promise<Observable<unknown>> {
  const probe = new Probe();
  const module = await Test.createTestingModule({ controllers: [controller] }).compile();
  await module.createNestMicroservice({ strategy: probe, logger: false }).init();
  const [handler] = probe.getHandlers().values();
  return (await handler?.({}, {})) as Observable<unknown>;
}

class Probe extends Server {
  listen(): void {}
  close(): void {}
  on(): void {}
  unwrap(): never {
    throw new Error('there is nothing inside');
  }
}
