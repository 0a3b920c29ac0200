import type { Service } from '@gatehouse/contracts';

/** The advisory lock under which the messages of one key are handled, joined, released and discarded. */
export function consumeLock(consumer: Service, topic: string, key: string): string {
  return `consume ${consumer} ${topic} ${key}`;
}
