import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Controller } from '@nestjs/common';
import { emailVerified } from '@gatehouse/contracts';
import { uuidv7 } from '@gatehouse/database';
import type { Tx } from '@gatehouse/database';
import { Shutdown } from '@gatehouse/lifecycle';
import type { KafkaRecord, Message } from '../wire.ts';
import { addEffect, ConsumerBench, SERVICE, TOPIC, verified } from './consumer.spec-support.ts';
import { GroupConsumer } from './group-consumer.ts';
import { Consumes } from './handler-declaration.ts';
import { Positions } from './positions.ts';
import type { BatchControl, RecordHandler } from './record-handler.ts';

let bench: ConsumerBench;
beforeAll(async () => void (bench = await ConsumerBench.open('crash')));
afterEach(() => bench.stopAll());
afterAll(() => bench.close());

@Controller()
class Handler {
  @Consumes(emailVerified)
  handle(message: Message<typeof emailVerified>, tx: Tx): Promise<void> {
    return addEffect(tx, message);
  }
}

/** Runs a consumer in a process of its own until a kill point ends it, and resolves with the signal that did. */
async function dieAt(killPoint: string, after: number): Promise<string | null> {
  const source = ['--import=@swc-node/register/esm-register', '--conditions=@gatehouse/source'];
  const main = join(import.meta.dirname, 'dying-consumer.spec-support.ts');
  const env = { ...process.env, NODE_OPTIONS: '', ...bench.environment(), GATEHOUSE_KILL_POINT: killPoint, GATEHOUSE_KILL_AFTER: String(after) }; // prettier-ignore
  const child = spawn(process.execPath, [...source, main], { env, stdio: 'ignore' });
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return signal;
}

test('a process that is killed between an effect and its offset has each effect once after its restart', async () => {
  const account = uuidv7();
  const sent = [];
  for (let index = 0; index < 5; index += 1) sent.push(await bench.send(emailVerified, verified(account)));
  expect(await dieAt('after-effect-before-offset', 3)).toBe('SIGKILL');
  expect(await bench.effectsOf(account)).toHaveLength(3);
  expect((await bench.committed()) ?? 0).toBeLessThan(3);
  await bench.start([Handler]);
  await bench.past(sent.at(-1)!);
  expect(await bench.effectsOf(account)).toEqual(sent.map(({ id }) => id));
});

test('an offset that is committed before the effect loses the message of a process that dies between (negative control)', async () => {
  const account = uuidv7();
  const lost = await bench.send(emailVerified, verified(account));
  const eager = consumerOf({
    handle: (records: readonly KafkaRecord[], control: BatchControl) => {
      control.settled(records.at(-1)!, false);
      return Promise.resolve(); // the process dies here: what it had begun is gone
    },
  });
  eager.start();
  await bench.past(lost);
  await eager.stop();
  await bench.start([Handler]);
  await bench.past(await bench.send(emailVerified, verified(uuidv7())));
  expect(await bench.effectsOf(account)).toEqual([]);
});

/** The service's consumer around another way to handle records. */
function consumerOf(records: Pick<RecordHandler, 'handle'>): GroupConsumer {
  const kafka = bench.connection();
  const positions = new Positions(bench.database, kafka, SERVICE);
  return new GroupConsumer({
    kafka,
    shutdown: new Shutdown(),
    topics: [TOPIC],
    records: records as RecordHandler,
    positions,
  });
}
