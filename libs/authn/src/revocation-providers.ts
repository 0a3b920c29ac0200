import type { Provider } from '@nestjs/common';
import { RedisSubscription, serverOf } from '@gatehouse/cache';
import type { Secret } from '@gatehouse/config';
import { Health, Shutdown } from '@gatehouse/lifecycle';
import { RevocationFreshness } from './revocation-freshness.ts';
import { revocationChannel, RevocationHead, RevocationRedis } from './revocation-head.ts';
import { RevocationList } from './revocation-list.ts';
import { RevocationSource } from './revocation-source.ts';
import { RevocationSync } from './revocation-sync.ts';

export interface RevocationOptions {
  readonly issuer: string;
  readonly stateRedisUrl: Secret;
  readonly audience: string | readonly string[];
}

/** What keeps a guard fresh, started with the application and stopped with it. */
export function revocationProviders({ issuer, stateRedisUrl, audience }: RevocationOptions): Provider[] {
  const server = serverOf(stateRedisUrl.reveal());
  const service = [audience].flat()[0] ?? issuer;
  return [
    {
      provide: RevocationRedis,
      inject: [Shutdown],
      useFactory: async (shutdown: Shutdown) => {
        // Not part of readiness: without Redis a revocation takes longer, and the head comes from the issuer.
        const redis = new RevocationRedis({ role: 'state', service, server, required: false });
        shutdown.on('pools', 'redis of revocations', () => redis.close());
        await redis.connect();
        return redis;
      },
    },
    {
      provide: RevocationHead,
      inject: [RevocationRedis],
      useFactory: (redis: RevocationRedis) => new RevocationHead(redis),
    },
    {
      provide: RevocationSync,
      inject: [RevocationSource, RevocationHead, RevocationList, RevocationFreshness, Health, Shutdown],
      useFactory: async (
        source: RevocationSource,
        head: RevocationHead,
        list: RevocationList,
        freshness: RevocationFreshness,
        health: Health,
        shutdown: Shutdown,
      ) => {
        const sync = new RevocationSync(source, head, list, freshness);
        const onMessage = (message: string) => sync.hear(message);
        const subscription = new RedisSubscription({ server, service, channel: revocationChannel(issuer), onMessage });
        let known = false;
        health.add({
          name: 'revocations',
          // Once known, a stale guard answers 503 where a token is asked for, and the rest of the service goes on.
          ready: () => (known ||= freshness.isFresh) || 'the revocations were never asked for',
        });
        shutdown.on('consumers', 'revocations', async () => {
          subscription.close();
          await sync.stop();
        });
        await subscription.open();
        sync.start();
        return sync;
      },
    },
  ];
}
