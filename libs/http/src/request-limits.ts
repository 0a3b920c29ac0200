import type { Endpoint } from '@gatehouse/contracts';

/** Decides whether a caller has had its share. libs/rate-limit implements it; without one nothing is limited. */
export abstract class RequestLimits {
  /**
   * Asked once for each request, when its caller is known or was refused and before its body is read; `currentContext`
   * names both. Undefined where the endpoint is not limited. Rejects with `Problem('too-many-requests')`.
   */
  abstract count(endpoint: Endpoint): Promise<void> | undefined;
}
