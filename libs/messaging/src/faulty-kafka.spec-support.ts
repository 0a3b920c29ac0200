import { connect } from 'node:net';
import { FaultProxy } from '@gatehouse/testing';
import type { KafkaOptions } from './kafka.ts';
import type { KafkaSettings } from './settings.ts';

/** A network between a client and its brokers that breaks on order. */
export interface FaultyKafka {
  readonly proxy: FaultProxy;
  /** For a client whose every connection goes through the proxy, also those to the brokers' advertised addresses. */
  readonly options: KafkaOptions;
}

export async function faultyKafka({ KAFKA_BROKERS }: KafkaSettings): Promise<FaultyKafka> {
  const port = Number(KAFKA_BROKERS[0]?.split(':')[1]);
  const proxy = await FaultProxy.start({ port });
  const socketFactory: KafkaOptions['socketFactory'] = ({ onConnect }) =>
    connect({ host: proxy.host, port: proxy.port }, onConnect).setMaxListeners(0);
  return { proxy, options: { socketFactory } };
}
