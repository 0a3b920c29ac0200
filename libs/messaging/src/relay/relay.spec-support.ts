import { accountRegistered, topicOf } from '@gatehouse/contracts';
import { uuidv7 } from '@gatehouse/database';
import type { Database, Tx } from '@gatehouse/database';
import { eventually, violationsOf } from '@gatehouse/testing';
import type { CommittedEvent } from '@gatehouse/testing';
import type { KafkaMessage } from 'kafkajs';
import type { KafkaOptions } from '../kafka.ts';
import { Bench } from '../messaging.spec-support.ts';
import { BacklogLimit } from '../outbox/backlog-limit.ts';
import { FactGroups } from '../outbox/fact-groups.ts';
import { Outbox } from '../outbox/outbox.ts';
import { OutboxSource } from './outbox-source.ts';
import { Relay } from './relay.ts';
import type { OutgoingRecord, RelaySource } from './relay-source.ts';
import { ShardProducer } from './shard-producer.ts';

export const TOPIC = topicOf(accountRegistered, 'token').name;

/** One database with an outbox, and as many relays of it as a spec wants. */
export class RelayBench {
  readonly limit = new BacklogLimit({ maxRows: 1_000_000, maxAgeSeconds: 600 });
  readonly outbox: Outbox;
  readonly database: Database;
  readonly #relays: { stop(): Promise<void> }[] = [];
  #messagesBefore = 0;

  private constructor(readonly bench: Bench) {
    this.database = bench.database;
    this.outbox = new Outbox('token', this.limit, new FactGroups(bench.database));
  }

  /** Without a relay yet; `partitions` are those of the topic of accounts, which is not made where it is 0. */
  static async open(name: string, partitions = 1): Promise<RelayBench> {
    const bench = await Bench.open(name);
    if (partitions > 0) await bench.createTopic(TOPIC, partitions);
    return new RelayBench(bench);
  }

  source(): OutboxSource {
    return new OutboxSource(this.database, 1_000_000);
  }

  producer(options?: KafkaOptions): ShardProducer {
    const connection = this.bench.connection(options);
    return new ShardProducer(connection.client, (topic) => connection.prefixed(topic));
  }

  /** A started relay; stopped with the bench. */
  relay<R extends OutgoingRecord>(
    source: RelaySource<R>,
    producer: Pick<ShardProducer, 'send' | 'discard'> = this.producer(),
  ): Relay<R> {
    const connect = () => this.database.connect('relay');
    const relay = new Relay<R>({ source, connect, producer });
    this.#relays.push(relay);
    relay.start();
    return relay;
  }

  /** A started relay of the outbox that is woken by commits of this bench, once it holds the lock. */
  async activeRelay(producer?: Pick<ShardProducer, 'send' | 'discard'>): Promise<Relay> {
    const relay = this.relay(this.source(), producer) as unknown as Relay; // -- only its records' type is narrower
    this.outbox.onCommit(() => relay.wake());
    await eventually(() => relay.active, { within: '10s' });
    return relay;
  }

  /** Appends an event of the account in a transaction that has locked it. */
  async register(account_id: string = uuidv7()): Promise<string> {
    await this.database.change([account_id], (tx) => this.append(tx, account_id));
    return account_id;
  }

  async append(tx: Tx, account_id: string): Promise<void> {
    await this.outbox.append(tx, accountRegistered, { account_id, address_id: uuidv7() });
  }

  /** The keys sent to the topic since the last reset, in order; for a topic with one partition. */
  async keysSent(): Promise<string[]> {
    return (await this.messages()).map(({ key }) => key?.toString() ?? '');
  }

  /** What was sent to the topic since the last reset. */
  async messages(): Promise<KafkaMessage[]> {
    return (await this.bench.messagesOf(TOPIC)).flat().slice(this.#messagesBefore);
  }

  /** What the checker of histories finds in the events that the outbox holds and what the topic got of them. */
  async violations(): Promise<string[]> {
    const events = await this.database.query<CommittedEvent>(
      `SELECT headers->>'ce_id' AS id, topic || '/' || key AS stream, sequence::int FROM outbox`,
    );
    const effects = (await this.messages()).map(({ headers }) => String(headers?.['ce_id']));
    return violationsOf({ acknowledged: [], committed: new Set(), events, effects });
  }

  async emptyOutbox(): Promise<void> {
    await this.database.query('TRUNCATE outbox, outbox_sequence, outbox_cursor');
    await this.database.query(`INSERT INTO outbox_cursor (shard) VALUES ('outbox')`);
  }

  /** Stops every relay, empties the outbox and forgets what was sent, so that each test begins anew. */
  async reset(): Promise<void> {
    await this.stopRelays();
    await this.emptyOutbox();
    this.#messagesBefore += (await this.messages()).length;
  }

  /** Resolves when the cursor has passed every row. */
  async drained(within: '10s' | '30s' = '10s'): Promise<void> {
    await eventually(async () => expect(await this.source().backlog()).toMatchObject({ rows: 0 }), { within });
  }

  async stopRelays(): Promise<void> {
    await Promise.all(this.#relays.splice(0).map((relay) => relay.stop()));
  }

  async close(): Promise<void> {
    await this.stopRelays();
    await this.bench.close();
  }
}
