import { setTimeout as delay } from 'node:timers/promises';
import { allTopics } from '@gatehouse/contracts';
import type { Service } from '@gatehouse/contracts';
import { log } from '@gatehouse/telemetry';
import type { ParkedMessages } from '../park/parked-messages.ts';
import { parkedKeys, parkedMessages, retentionSeconds } from './consumer-metrics.ts';
import type { GroupConsumer } from './group-consumer.ts';
import type { Inbox } from './inbox.ts';

const OBSERVE_MS = 10_000;
const FORGET_MS = 3_600_000;
/** Inbox rows outlive every message that Kafka could deliver again; this is for topics that keep theirs for ever. */
const LONGEST_RETENTION_MS = 14 * 86_400_000;

export interface MonitorOptions {
  readonly service: Service;
  /** Without prefix. */
  readonly topics: readonly string[];
  readonly consumer: GroupConsumer;
  readonly parked: ParkedMessages;
  readonly inbox: Inbox;
}

/** Looks after a consumer from outside: publishes lag and parked keys, finds lost positions, empties the inbox. */
export class ConsumerMonitor {
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #forgottenAt = 0;

  constructor(private readonly options: MonitorOptions) {}

  start(): void {
    const { service } = this.options;
    for (const { name, retentionMs } of this.#declared()) {
      if (retentionMs > 0) retentionSeconds.set({ consumer: service, topic: name }, retentionMs / 1_000);
    }
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#look();
      } catch (error) {
        log('consumer').info({ err: error }, 'consumer_not_observed');
      }
      await delay(OBSERVE_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #look(): Promise<void> {
    const { service, consumer, parked, inbox } = this.options;
    const { keys, messages } = await parked.count();
    parkedKeys.set({ consumer: service }, keys);
    parkedMessages.set({ consumer: service }, messages);
    await consumer.observe();
    if (Date.now() - this.#forgottenAt < FORGET_MS) return;
    await inbox.forgetOlderThan((2 * this.#longestRetentionMs()) / 1_000);
    this.#forgottenAt = Date.now();
  }

  #longestRetentionMs(): number {
    return Math.max(LONGEST_RETENTION_MS, ...this.#declared().map(({ retentionMs }) => retentionMs));
  }

  #declared() {
    return allTopics.filter(({ name }) => this.options.topics.includes(name));
  }
}
