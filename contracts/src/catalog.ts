import { accessDenied } from './events/access-denied.event.ts';
import { accountRegistered } from './events/account-registered.event.ts';
import { accountVerified } from './events/account-verified.event.ts';
import { emailFlowRequested } from './events/email-flow-requested.event.ts';
import { emailVerified } from './events/email-verified.event.ts';
import { requestsRefused } from './events/requests-refused.event.ts';
import { tokenRevoked } from './events/token-revoked.event.ts';
import type { AnyEvent } from './define-event.ts';
import type { Endpoint } from './define-endpoint.ts';
import type { Permission } from './define-permission.ts';
import * as permissions from './permissions.ts';
import * as topics from './topics.ts';
import type { Topic, TopicFamily } from './define-topic.ts';

/** Every event, the only list: contracts are generated from it and consumers look types up in it. */
export const events: readonly AnyEvent[] = [
  accessDenied,
  accountRegistered,
  accountVerified,
  emailFlowRequested,
  emailVerified,
  requestsRefused,
  tokenRevoked,
];

/** Every endpoint, the only list. */
export const endpoints: readonly Endpoint[] = [];

/** Every permission that an endpoint of Gatehouse can ask for. */
export const allPermissions: readonly Permission[] = Object.values(permissions);

/** Every topic, families spread out. */
export const allTopics: readonly Topic[] = Object.values(topics).flatMap((topic: Topic | TopicFamily) =>
  'partitions' in topic ? [topic] : Object.values(topic),
);

/** The event that a CloudEvents type and version name, or undefined where this build does not know it. */
export function findEvent(type: string, version: number): AnyEvent | undefined {
  return events.find((event) => event.type === type && event.version === version);
}
