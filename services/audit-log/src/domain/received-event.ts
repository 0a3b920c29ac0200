import { hash } from 'node:crypto';
import type { EventContext } from '@gatehouse/contracts';

/** What the log needs of a message whose envelope was valid; its data may be of a type that this build does not know. */
export interface ReceivedEvent {
  /** CloudEvents id, unique with the source. */
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly version: number;
  readonly time: Date;
  readonly key: string;
  readonly sequence: number | null;
  /** The JSON value as it came: not validated, nothing stripped. */
  readonly data: unknown;
  readonly context: EventContext;
  readonly traceparent?: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes as they came. */
  readonly value: Buffer;
}

/**
 * SHA-256 over the CloudEvents attributes and the value. Two deliveries of one event agree in it; its trace context,
 * which says how it was delivered, is left out.
 */
export function contentDigest({ headers, value }: Pick<ReceivedEvent, 'headers' | 'value'>): Buffer {
  const names = Object.keys(headers).filter((name) => name.startsWith('ce_'));
  const attributes = names.sort().map((name) => [name, headers[name]]);
  return hash('sha256', Buffer.concat([Buffer.from(JSON.stringify(attributes)), value]), 'buffer');
}

/** The trace id of a W3C traceparent, or null where there is none or it is malformed. */
export function traceIdOf(traceparent: string | undefined): string | null {
  const match = traceparent?.match(/^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/);
  return match?.[1] ?? null;
}
