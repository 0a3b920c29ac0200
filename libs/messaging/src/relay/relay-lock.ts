import { advisoryKey } from '@gatehouse/database';

/** The session lock of the one relay that may be active on `shard`. */
export function relayLock(shard: string): bigint {
  return advisoryKey(`relay ${shard}`);
}

/** The channel on which processes that do not hold the lock of `shard` tell the one that does. */
export function wakeChannel(shard: string): string {
  return `gatehouse_relay_${shard.replace(/\W/g, '_')}`;
}
