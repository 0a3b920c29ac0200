import { StateRedis } from '@gatehouse/cache';
import { RequestLimits } from '@gatehouse/http';
import { Shutdown } from '@gatehouse/lifecycle';
import { Module, type DynamicModule } from '@nestjs/common';
import { ApiLimits } from './api-limits.ts';
import { FailureThrottle } from './failure-throttle.ts';
import { RateLimiter } from './rate-limiter.ts';
import type { RateLimitSettings } from './rate-limit-settings.ts';
import { RulesFile } from './rules-file.ts';

/**
 * Provides `RateLimiter` and `FailureThrottle`, and limits the service's `/api/` by itself. Needs
 * `RedisModule.forState(service, config, { required: false })`.
 */
@Module({})
export class RateLimitModule {
  static register(service: string, { RATE_LIMIT_RULES_FILE }: RateLimitSettings): DynamicModule {
    const openFile = (shutdown: Shutdown) => {
      const file = new RulesFile(RATE_LIMIT_RULES_FILE);
      shutdown.on('pools', 'rate limit rules', () => Promise.resolve(file.stop()));
      return file;
    };
    return {
      module: RateLimitModule,
      global: true,
      providers: [
        { provide: RulesFile, inject: [Shutdown], useFactory: openFile },
        {
          provide: RateLimiter,
          inject: [StateRedis, RulesFile],
          useFactory: (redis: StateRedis, file: RulesFile) => new RateLimiter(service, redis, file),
        },
        {
          provide: FailureThrottle,
          inject: [RateLimiter, StateRedis, Shutdown],
          useFactory: (limiter: RateLimiter, redis: StateRedis, shutdown: Shutdown) =>
            new FailureThrottle(service, limiter, redis, shutdown),
        },
        { provide: RequestLimits, inject: [RateLimiter], useFactory: (limiter: RateLimiter) => new ApiLimits(limiter) },
      ],
      exports: [RateLimiter, FailureThrottle, RequestLimits],
    };
  }
}
