import { accessDenied } from '@gatehouse/contracts';
import { eventually } from '@gatehouse/testing';
import { faultyKafka } from '../faulty-kafka.spec-support.ts';
import { BacklogMonitor } from '../relay/backlog-monitor.ts';
import { OutboxSource } from '../relay/outbox-source.ts';
import { RelayBench } from '../relay/relay.spec-support.ts';
import { BacklogLimit } from './backlog-limit.ts';
import { FactGroups } from './fact-groups.ts';
import { Outbox } from './outbox.ts';

const MAX_ROWS = 20;

describe('the limit of the backlog', () => {
  let bench: RelayBench;
  beforeAll(async () => {
    bench = await RelayBench.open('backlog');
    await bench.bench.createTopic('token.denials');
  });
  afterEach(() => bench.reset());
  afterAll(() => bench.close());

  const limited = (limits: { maxRows: number; maxAgeSeconds: number }) => {
    const limit = new BacklogLimit(limits);
    const outbox = new Outbox('token', limit, new FactGroups(bench.database));
    const source = new OutboxSource(bench.database, limits.maxRows);
    const monitor = new BacklogMonitor(source, bench.database, (backlog) => limit.measured(backlog));
    const deny = () =>
      outbox.record(accessDenied, { endpoint: 'x', permission: 'a:b', organization_id: null, subject_id: 'demo' });
    return { limit, outbox, source, monitor, deny };
  };

  test('changes go on while Kafka is away, then answer 503 with Retry-After, and go on by themselves when it is back', async () => {
    const kafka = await faultyKafka(bench.bench.settings);
    const { limit, monitor, deny } = limited({ maxRows: MAX_ROWS, maxAgeSeconds: 600 });
    const relay = await bench.activeRelay(bench.producer(kafka.options));
    kafka.proxy.cut();
    let accepted = 0;
    void monitor.start();
    await eventually(
      async () => {
        const refused = await deny().then(
          () => undefined,
          (error: unknown) => error,
        );
        if (!refused) accepted += 1;
        expect(refused).toMatchObject({
          code: 'event-backlog-full',
          status: 503,
          headers: { 'retry-after': expect.stringMatching(/^\d+$/) as string },
        });
      },
      { within: '30s' },
    );
    expect(accepted).toBeGreaterThanOrEqual(MAX_ROWS);
    expect(limit.reason).toContain('wait for Kafka');

    kafka.proxy.restore();
    await eventually(() => deny(), { within: '30s' });
    await bench.drained('30s');
    expect(relay.halted).toBeUndefined();
    expect((await bench.bench.messagesOf('token.denials')).flat().length).toBeGreaterThanOrEqual(accepted + 1);
    monitor.stop();
    await bench.stopRelays();
    await kafka.proxy.stop();
  }, 90_000);

  test('is reached by age alone too', async () => {
    const { limit, source, deny } = limited({ maxRows: 1_000, maxAgeSeconds: 1 });
    await deny();
    await eventually(
      async () => {
        limit.measured(await source.backlog());
        expect(limit.reason).toContain('the oldest event has waited');
      },
      { within: '10s' },
    );
    await expect(deny()).rejects.toMatchObject({ code: 'event-backlog-full' });
  });

  test('is not mistaken as reached where transactions were rolled back: the estimate is then counted', async () => {
    const { source, deny } = limited({ maxRows: MAX_ROWS, maxAgeSeconds: 600 });
    await deny();
    // Ids that were given out and never committed.
    await bench.database.query(`SELECT nextval('outbox_id') FROM generate_series(1, 10000)`);
    const [estimate] = await bench.database.query<{ ahead: string }>(
      'SELECT (SELECT last_value FROM outbox_id) - id AS ahead FROM outbox_cursor',
    );
    expect(Number(estimate?.ahead)).toBeGreaterThan(MAX_ROWS);
    expect((await source.backlog()).rows).toBe(1);
  });

  test('of an empty outbox is far away', async () => {
    expect(await limited({ maxRows: 1, maxAgeSeconds: 1 }).source.backlog()).toEqual({ rows: 0, oldestAgeSeconds: 0 });
  });
});
