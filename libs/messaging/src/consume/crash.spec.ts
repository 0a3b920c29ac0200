import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Controller } from '@nestjs/common';
import { emailVerified } from '@gatehouse/contracts';
import { uuidv7 } from '@gatehouse/database';
import type { Tx } from '@gatehouse/database';
import { Shutdown } from '@gatehouse/lifecycle';
import { ParkedMessages } from '../park/parked-messages.ts';
import type { Message } from '../wire.ts';
import { addEffect, ConsumerBench, handlersOf, SERVICE, TOPIC, verified } from './consumer.spec-support.ts';
import { DependencyFailure } from './failures.ts';
import { GroupConsumer } from './group-consumer.ts';
import { Consumes } from './handler-declaration.ts';
import { Inbox } from './inbox.ts';
import type { Claim, Progress } from './inbox.ts';
import { Positions } from './positions.ts';
import { RecordHandler } from './record-handler.ts';
import type { BatchControl } from './record-handler.ts';

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
  expect(await bench.violationsOf(account, sent)).toEqual([]);
});

/** The process dies here: what is not committed is gone, and Kafka delivers the message again. */
class Killed extends DependencyFailure {}

/** Consumes one event with `inbox`, dying once at `killAt`; returns what was sent and what the checker finds. */
async function dieOnce(killAt: 'before-commit' | 'after-commit', inbox: Inbox) {
  const account = uuidv7();
  const sent = await bench.send(emailVerified, verified(account));
  let deaths = 0;
  const dieAt = (point: typeof killAt) => {
    if (point === killAt && deaths++ === 0) throw new Killed();
  };
  const handlers = handlersOf(async (message, tx) => {
    await addEffect(tx, message);
    dieAt('before-commit');
  });
  const parked = new ParkedMessages(bench.database, SERVICE);
  const records = new RecordHandler(SERVICE, bench.database, handlers, inbox, parked);
  const mortal = consumerOf({
    handle: (batch, control) => {
      const settled: BatchControl['settled'] = (...how) => {
        dieAt('after-commit');
        control.settled(...how);
      };
      return records.handle(batch, { ...control, settled });
    },
  });
  mortal.start();
  await bench.past(sent);
  await mortal.stop();
  return { id: sent.id, account, violations: await bench.violationsOf(account, [sent]) };
}

test.each(['before-commit', 'after-commit'] as const)(
  'a message whose consumer dies %s has one effect',
  async (killAt) => {
    const { violations } = await dieOnce(killAt, new Inbox(bench.database, SERVICE));
    expect(violations).toEqual([]);
  },
);

test('an inbox row written before the effect, in a transaction of its own, loses the effect (negative control)', async () => {
  class InboxBefore extends Inbox {
    override claim(_: Tx, ...rest: [Progress, string[], string[]]): Promise<Claim> {
      return bench.database.withTransaction((own) => super.claim(own, ...rest));
    }
  }
  const { id, account, violations } = await dieOnce('before-commit', new InboxBefore(bench.database, SERVICE));
  expect(violations).toEqual([`lost event: ${id} of ${account}`]);
});

test('an inbox row written after the effect, in a transaction of its own, doubles the effect (negative control)', async () => {
  class InboxAfter extends Inbox {
    override async claim(tx: Tx, progress: Progress, ids: string[], keys: string[]): Promise<Claim> {
      const { blocked } = await super.claim(tx, progress, [], keys);
      const known = await tx.query('SELECT FROM inbox WHERE event_id = ANY ($1)', [ids]);
      // The process dies before it gets to write the row.
      return { first: new Set(known.length > 0 ? [] : ids), blocked };
    }
  }
  const { id, violations } = await dieOnce('after-commit', new InboxAfter(bench.database, SERVICE));
  expect(violations).toEqual([`double effect: ${id}`]);
});

test('an offset that is committed before the effect loses the message of a process that dies between (negative control)', async () => {
  const account = uuidv7();
  const lost = await bench.send(emailVerified, verified(account));
  const eager = consumerOf({
    handle: (records, control) => {
      control.settled(records.at(-1)!, false);
      return Promise.resolve(); // the process dies here: what it had begun is gone
    },
  });
  eager.start();
  await bench.past(lost);
  await eager.stop();
  await bench.start([Handler]);
  await bench.past(await bench.send(emailVerified, verified(uuidv7())));
  expect(await bench.violationsOf(account, [lost])).toEqual([`lost event: ${lost.id} of ${account}`]);
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
