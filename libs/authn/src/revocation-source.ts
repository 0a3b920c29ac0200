import { listRevocations } from '@gatehouse/contracts';
import type { OutputOf } from '@gatehouse/contracts';
import { fetchFromIssuer } from './issuer-metadata.ts';
import type { ServiceToken } from './service-token.ts';

export type RevocationPage = OutputOf<typeof listRevocations>;

/** The truth about revocations: the token service over HTTP, or, inside the token service, its own database. */
export abstract class RevocationSource {
  /**
   * The live revocations above `after`, in the order of their numbers, at most `limit`. Throws `dependency-unavailable`.
   */
  abstract since(after: number, limit: number): Promise<RevocationPage>;
}

/** Asks the token service, with the service's own token. */
export class HttpRevocationSource extends RevocationSource {
  constructor(
    private readonly issuer: string,
    private readonly tokens: ServiceToken,
  ) {
    super();
  }

  async since(after: number, limit: number): Promise<RevocationPage> {
    const token = await this.tokens.for(this.issuer);
    try {
      const url = `${this.issuer}${listRevocations.path}?${new URLSearchParams({ after: `${after}`, limit: `${limit}` }).toString()}`;
      return await fetchFromIssuer(url, listRevocations.success.body, { authorization: `Bearer ${token}` });
    } catch (error) {
      // A token that the issuer no longer takes (its key was revoked) must not be sent again.
      this.tokens.discard(this.issuer, token);
      throw error;
    }
  }
}
