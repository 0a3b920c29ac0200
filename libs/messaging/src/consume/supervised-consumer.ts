import { setTimeout as delay } from 'node:timers/promises';
import type { Shutdown } from '@gatehouse/lifecycle';
import { log } from '@gatehouse/telemetry';
import type { Consumer, ConsumerGroupJoinEvent, ConsumerRunConfig } from 'kafkajs';
import type { KafkaConnection } from '../kafka.ts';

/** Long polls end at least this often: the longest that a resumed partition waits for its next fetch. */
const MAX_WAIT_MS = 500;
const HEARTBEAT_MS = 2_000;
/** A member that was killed keeps its partitions for so long: nobody handles their messages meanwhile. */
const SESSION_MS = 10_000;
const REBALANCE_MS = 15_000;
const START_BACKOFF_MS = { first: 250, longest: 5_000 } as const;
/** Outages make kafkajs report crashes and restarts all the time; a consumer that reports nothing at all is dead. */
const SILENCE_MS = 120_000;
const SILENCE_CHECK_MS = 10_000;
/** How long a Kafka that answers may keep a consumer from its group before that is taken for a refusal. */
const PATIENCE_MS = 60_000;
/**
 * What kafkajs will not recover from although waiting may help: it says so alike where Kafka is away, busy, still
 * loading its groups, or refuses for good.
 */
const UNDECIDED = ['KafkaJSGroupCoordinatorNotFound', 'KafkaJSTimeout', 'KafkaJSLockTimeout'];

export interface ConsumerOptions {
  readonly kafka: KafkaConnection;
  readonly shutdown: Shutdown;
  /** What logs and readiness call it. */
  readonly name: string;
  readonly groupId: string;
  /** Without prefix. */
  readonly topics: readonly string[];
  readonly run: Pick<ConsumerRunConfig, 'partitionsConsumedConcurrently' | 'eachBatch'>;
  /** Called while the consumer joins, before it fetches anything. */
  readonly joined?: (event: ConsumerGroupJoinEvent) => void;
  readonly patienceMs?: number;
}

/**
 * A kafkajs consumer that is never silently dead: it waits quietly for a Kafka that is away or still loading its groups,
 * and whatever kafkajs will not recover from ends the process. Offsets are never committed by kafkajs itself.
 */
export class SupervisedConsumer {
  readonly consumer: Consumer;
  readonly #options: ConsumerOptions;
  readonly #stopping = new AbortController();
  #starting: Promise<void> | undefined;
  #watch: NodeJS.Timeout | undefined;
  #lastSign = performance.now();
  #lastFetch: number | undefined;
  /** Since when Kafka answers, but does not let the consumer into its group. */
  #keptOutSince: number | undefined;

  constructor(options: ConsumerOptions) {
    this.#options = options;
    this.consumer = options.kafka.client.consumer({
      groupId: options.groupId,
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: MAX_WAIT_MS,
      heartbeatInterval: HEARTBEAT_MS,
      sessionTimeout: SESSION_MS,
      rebalanceTimeout: REBALANCE_MS,
      retry: {
        initialRetryTime: 100,
        maxRetryTime: 2_000,
        // Without this, a crash during our own shutdown would start the consumer again after it.
        restartOnFailure: () => Promise.resolve(!this.stopping),
      },
    });
    this.#listen();
  }

  get stopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Milliseconds since Kafka last answered a fetch; infinite before the first answer. */
  get msSinceFetch(): number {
    return this.#lastFetch === undefined ? Infinity : performance.now() - this.#lastFetch;
  }

  /** Returns at once; the consumer runs as soon as Kafka lets it. */
  start(): void {
    this.#starting ??= this.#start();
    this.#watch ??= setInterval(() => this.#checkSilence(), SILENCE_CHECK_MS);
    this.#watch.unref();
  }

  /** Lets the batches in work come to an end, and leaves the group. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#watch);
    await this.#starting;
    await this.consumer.disconnect();
  }

  async #start(): Promise<void> {
    const { kafka, topics, run, name } = this.#options;
    for (
      let wait: number = START_BACKOFF_MS.first;
      !this.stopping;
      wait = Math.min(wait * 2, START_BACKOFF_MS.longest)
    ) {
      try {
        this.#lastSign = performance.now();
        await this.consumer.connect();
        await this.consumer.subscribe({ topics: topics.map((topic) => kafka.prefixed(topic)), fromBeginning: true });
        await this.consumer.run({ ...run, autoCommit: false, eachBatchAutoResolve: false });
        return;
      } catch (error) {
        if (isRefusal(error) ? this.#keptOutTooLong(true) : !isRetriable(error) && !isUndecided(error))
          return this.#die(error);
        log('consumer').info({ err: error, consumer: name }, 'consumer_waits_for_kafka');
        await delay(wait, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      }
    }
  }

  #listen(): void {
    const { consumer } = this;
    const { CONNECT, CRASH, FETCH, FETCH_START, GROUP_JOIN, HEARTBEAT } = consumer.events;
    const sign = () => void (this.#lastSign = performance.now());
    consumer.on(CONNECT, sign);
    consumer.on(FETCH_START, sign);
    consumer.on(HEARTBEAT, sign);
    consumer.on(FETCH, () => {
      sign();
      this.#lastFetch = performance.now();
    });
    consumer.on(GROUP_JOIN, (event) => {
      sign();
      this.#keptOutSince = undefined;
      this.#options.joined?.(event);
    });
    consumer.on(CRASH, ({ payload: { error, restart } }) => {
      sign();
      if (restart) log('consumer').info({ err: error, consumer: this.#options.name }, 'consumer_restarts');
      else if (this.stopping) return;
      else if (isUndecided(error) || isRefusal(error)) this.#starting = this.#startAgain(error);
      else this.#die(error);
    });
  }

  /** Does what kafkajs would do after a crash that it recovers from, unless Kafka answers and yet keeps us out. */
  async #startAgain(error: unknown): Promise<void> {
    const { kafka, name } = this.#options;
    const answers = await kafka.exercise().then(
      () => true,
      () => false,
    );
    if (this.#keptOutTooLong(answers)) return this.#die(error);
    log('consumer').info({ err: error, consumer: name }, 'consumer_restarts');
    await delay(START_BACKOFF_MS.first, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    await this.#start();
  }

  #keptOutTooLong(kafkaAnswers: boolean): boolean {
    this.#keptOutSince = kafkaAnswers ? (this.#keptOutSince ?? performance.now()) : undefined;
    const keptOutMs = performance.now() - (this.#keptOutSince ?? performance.now());
    return keptOutMs > (this.#options.patienceMs ?? PATIENCE_MS);
  }

  #checkSilence(): void {
    const silentMs = performance.now() - this.#lastSign;
    if (silentMs > SILENCE_MS) this.#die(new Error(`no sign of life for ${Math.round(silentMs / 1_000)} s`));
  }

  #die(error: unknown): void {
    const { name, shutdown } = this.#options;
    log('consumer').fatal({ err: error, consumer: name }, 'consumer_crashed');
    shutdown.fatal(`${name} crashed: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}

/** kafkajs wraps what made it give up; only the first cause knows whether trying again can help. */
export function isRetriable(error: unknown): boolean {
  let cause = error as { retriable?: boolean; cause?: unknown };
  while (cause.cause instanceof Error) cause = cause.cause;
  return cause.retriable === true;
}

function isUndecided(error: unknown): boolean {
  for (let link = error; link instanceof Error; link = link.cause) if (UNDECIDED.includes(link.name)) return true;
  return false;
}

/** A broker that has just started may refuse what its rules allow, for it has not read them yet. */
function isRefusal(error: unknown): boolean {
  for (let link = error; link instanceof Error; link = link.cause)
    if ('type' in link && /^(GROUP|TOPIC|CLUSTER)_AUTHORIZATION_FAILED$/.test(String(link.type))) return true;
  return false;
}
