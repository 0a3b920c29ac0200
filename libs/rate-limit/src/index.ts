export { FailureThrottle } from './failure-throttle.ts';
export { ipPrefix } from './ip-prefix.ts';
export { RateLimitModule } from './rate-limit.module.ts';
export { rateLimitSettings } from './rate-limit-settings.ts';
export type { RateLimitSettings } from './rate-limit-settings.ts';
export { currentNetwork, RateLimiter } from './rate-limiter.ts';
export type { Decision, Spending } from './rate-limiter.ts';
export type { RuleKey } from './rules.ts';
export type { Mark } from './token-bucket.ts';
