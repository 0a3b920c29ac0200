import type { Database } from '@gatehouse/database';
import type { Health, Shutdown } from '@gatehouse/lifecycle';
import type { KafkaConnection } from '../kafka.ts';
import { BacklogMonitor } from './backlog-monitor.ts';
import { Relay } from './relay.ts';
import type { Backlog, OutgoingRecord, RelaySource } from './relay-source.ts';
import { ShardProducer } from './shard-producer.ts';
import { Waker } from './waker.ts';

export interface RunningRelay {
  /** Tell it after each commit that wrote records of its source. */
  readonly wake: () => void;
  readonly relay: Pick<Relay, 'active' | 'halted'>;
}

/** The relays of this service: one for its outbox, and one for each further source that is added. */
export class Relays {
  constructor(
    private readonly database: Database,
    private readonly kafka: KafkaConnection,
    private readonly health: Health,
    private readonly shutdown: Shutdown,
  ) {}

  /**
   * Starts a relay of `source` with a producer, a lock and connections of its own, and stops it with the service.
   * `measured` gets the size of its backlog every second, also where another replica's relay is the active one.
   */
  add<R extends OutgoingRecord>(source: RelaySource<R>, measured: (backlog: Backlog) => void = () => {}): RunningRelay {
    const { database, kafka, shutdown } = this;
    const producer = new ShardProducer(kafka.client, (topic) => kafka.prefixed(topic));
    const connect = () => database.connect(`relay ${source.name}`);
    const relay = new Relay<R>({ source, producer, connect });
    const waker = new Waker(source.name, relay, () => database.connect(`waker ${source.name}`));
    const monitor = new BacklogMonitor(source, database, measured);
    this.health.add({ name: `relay ${source.name}`, ready: () => relay.halted ?? true });
    shutdown.on('relay', source.name, async () => {
      monitor.stop();
      await Promise.all([relay.stop(), waker.close()]);
    });
    relay.start();
    void monitor.start();
    return { wake: () => waker.wake(), relay };
  }
}
