import type { Producer } from 'kafkajs';
import { faultyKafka } from '../faulty-kafka.spec-support.ts';
import type { FaultyKafka } from '../faulty-kafka.spec-support.ts';
import { recordBytes } from '../wire.ts';
import type { OutgoingRecord } from './relay-source.ts';
import { RelayBench, TOPIC } from './relay.spec-support.ts';
import { MAX_REQUEST_BYTES_PER_TOPIC, requestsOf } from './shard-producer.ts';
import type { ShardProducer } from './shard-producer.ts';

const record = (value: string, topic = TOPIC): OutgoingRecord => ({
  topic,
  key: 'k',
  value,
  headers: {},
  sequence: null,
});

describe('the producer of a shard', () => {
  let bench: RelayBench;
  let kafka: FaultyKafka;
  beforeAll(async () => {
    bench = await RelayBench.open('shard-producer');
    kafka = await faultyKafka(bench.bench.settings);
  });
  afterEach(() => bench.reset());
  afterAll(async () => {
    await kafka.proxy.stop();
    await bench.close();
  });

  const valuesSent = async () => (await bench.messages()).map(({ value }) => value?.toString());

  /** Relays through `send` while each round of three events loses a response; returns what the checker finds. */
  const violationsThrough = async (send: ShardProducer['send']) => {
    await bench.activeRelay({ send, discard: () => Promise.resolve() });
    const account = await bench.register();
    await bench.drained();
    for (let round = 0; round < 3; round += 1) {
      kafka.proxy.loseResponses(1);
      await bench.database.change([account], async (tx) => {
        for (let event = 0; event < 3; event += 1) await bench.append(tx, account);
      });
      await bench.drained('30s');
    }
    return bench.violations();
  };

  test('loses and doubles nothing where responses get lost, because one send is awaited before the next', async () => {
    const producer = bench.producer(kafka.options);
    const oneByOne = async (records: readonly OutgoingRecord[]) => {
      for (const record of records) await producer.send([record]);
    };
    expect(await violationsThrough(oneByOne)).toEqual([]);
    await producer.discard();
  });

  test('shared by sends that do not await each other, an idempotent producer LOSES acknowledged events (negative control)', async () => {
    const connection = bench.bench.connection(kafka.options);
    const shared: Producer = connection.client.producer({ idempotent: true });
    const topic = connection.prefixed(TOPIC);
    await shared.connect();
    const allAtOnce = async (records: readonly OutgoingRecord[]) => {
      await Promise.all(records.map((record) => shared.send({ topic, messages: [{ ...record }] })));
    };
    expect(await violationsThrough(allAtOnce)).toContainEqual(expect.stringMatching(/^lost event: /));
    await bench.stopRelays();
    await shared.disconnect();
  });

  test('rejects while Kafka is away and sends with a new producer when it is back', async () => {
    const producer = bench.producer(kafka.options);
    await producer.send([record('before')]);
    kafka.proxy.cut();
    await expect(producer.send([record('while away')])).rejects.toThrow();
    kafka.proxy.restore();
    await producer.send([record('after')]);
    await producer.discard();
    expect((await valuesSent()).at(-1)).toBe('after');
  });

  test('keeps requests below the limit of the broker, in order, and an oversized record alone', () => {
    const records = Array.from({ length: 40 }, (_, i) => record(`${i}:`.padEnd(40_000, 'x'), i % 2 ? 'odd' : 'even'));
    const big = record('x'.repeat(MAX_REQUEST_BYTES_PER_TOPIC), 'odd');
    const requests = requestsOf([...records, big]);
    for (const { messages } of requests.slice(0, -1).flat()) {
      const bytes = messages.reduce((sum, { value }) => sum + recordBytes('k', {}, value as string), 0);
      expect(bytes).toBeLessThanOrEqual(MAX_REQUEST_BYTES_PER_TOPIC);
    }
    const order = (topic: string) =>
      requests.flat().flatMap((part) => (part.topic === topic ? part.messages.map(({ value }) => value) : []));
    expect(order('even')).toEqual(records.filter(({ topic }) => topic === 'even').map(({ value }) => value));
    expect(order('odd')).toEqual([...records, big].filter(({ topic }) => topic === 'odd').map(({ value }) => value));
    expect(requests.at(-1)?.find(({ topic }) => topic === 'odd')?.messages).toHaveLength(1);
  });

  test('a batch that is not cut is refused for good, which would wedge the relay', async () => {
    const connection = bench.bench.connection();
    const uncut = connection.client.producer({ idempotent: true });
    await uncut.connect();
    const messages = Array.from({ length: 40 }, () => ({ key: 'k', value: 'x'.repeat(40_000) }));
    await expect(uncut.send({ topic: connection.prefixed(TOPIC), messages })).rejects.toMatchObject({
      type: 'MESSAGE_TOO_LARGE',
      retriable: false,
    });
    await uncut.disconnect();
    const producer = bench.producer();
    await producer.send(messages.map(({ value }) => record(value)));
    await producer.discard();
    expect(await bench.messages()).toHaveLength(40);
  });
});
