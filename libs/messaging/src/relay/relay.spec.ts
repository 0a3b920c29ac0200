import { accountRegistered } from '@gatehouse/contracts';
import { uuidv7 } from '@gatehouse/database';
import type { Tx } from '@gatehouse/database';
import { eventually } from '@gatehouse/testing';
import { openBench } from '../messaging.spec-support.ts';
import type { Bench } from '../messaging.spec-support.ts';
import { BacklogLimit } from '../outbox/backlog-limit.ts';
import { FactGroups } from '../outbox/fact-groups.ts';
import { Outbox } from '../outbox/outbox.ts';
import { OutboxSource } from './outbox-source.ts';
import { Relay } from './relay.ts';
import { ShardProducer } from './shard-producer.ts';

describe('relay', () => {
  let bench: Bench;
  let outbox: Outbox;
  beforeAll(async () => {
    bench = await openBench('relay');
    outbox = new Outbox(
      'token',
      new BacklogLimit({ maxRows: 1e6, maxAgeSeconds: 600 }),
      new FactGroups(bench.database),
    );
    await bench.createTopic('token.accounts', 3);
  }, 60_000);
  afterAll(() => bench.close());

  const relayOf = () => {
    const connection = bench.connection();
    return new Relay({
      source: new OutboxSource(bench.database, 1e6),
      connect: () => bench.database.connect('relay'),
      producer: new ShardProducer(connection.client, (topic) => connection.prefixed(topic)),
    });
  };
  const register = (tx: Tx, account_id: string) =>
    outbox.append(tx, accountRegistered, { account_id, address_id: uuidv7() });

  test('sends what was committed', async () => {
    const id = uuidv7();
    const relay = relayOf();
    relay.start();
    outbox.onCommit(() => relay.wake());
    await eventually(() => relay.active, { within: '10s' });
    const started = performance.now();
    await bench.database.change([id], (tx) => register(tx, id));
    console.log('commit', performance.now() - started);
    await eventually(
      async () => {
        const [c] = await bench.database.query<{ id: string }>('SELECT id::int FROM outbox_cursor');
        return Number(c?.id) > 0;
      },
      { within: '5s' },
    );
    console.log('sent', performance.now() - started);
    const messages = (await bench.messagesOf('token.accounts')).flat();
    console.log(messages[0]?.headers, messages[0]?.value?.toString());
    console.log('read', performance.now() - started);
    await relay.stop();
  }, 30_000);
});
