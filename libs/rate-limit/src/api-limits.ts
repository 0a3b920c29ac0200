import type { Endpoint } from '@gatehouse/contracts';
import { RequestLimits } from '@gatehouse/http';
import { currentContext } from '@gatehouse/telemetry';
import { currentNetwork, type RateLimiter } from './rate-limiter.ts';

/** Requests of an API by caller, and by network where there is none. Other endpoints know better what is spent. */
export class ApiLimits extends RequestLimits {
  constructor(private readonly limiter: Pick<RateLimiter, 'spend'>) {
    super();
  }

  count(endpoint: Endpoint): Promise<void> | undefined {
    if (!endpoint.path.startsWith('/api/')) return undefined;
    const { actor_kind, actor_id } = currentContext();
    if (actor_kind === 'anonymous' || actor_id === null)
      return this.limiter.spend(endpoint.path, { key: 'ip', id: currentNetwork() });
    const clientId = actor_kind === 'client' ? actor_id : null;
    return this.limiter.spend(endpoint.path, { key: 'principal', id: `${actor_kind}:${actor_id}`, clientId });
  }
}
