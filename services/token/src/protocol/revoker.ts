import { Inject, Injectable } from '@nestjs/common';
import { tokenRevoked } from '@gatehouse/contracts';
import type { Tx } from '@gatehouse/database';
import { Outbox } from '@gatehouse/messaging';
import { Clock } from '../clock.ts';
import { clientRevocation, grantRevocation, type RevokedClient, type Revocation } from '../domain/revocation.ts';
import { CLIENT_KEPT_MS } from '../store/clients.ts';
import { Grants, type Grant } from '../store/grants.ts';
import { Revocations } from '../store/revocations.ts';
import { RevocationAnnouncer } from './revocation-announcer.ts';

/** The keys that a transaction must lock to change a grant and to revoke it. */
export function grantKeys(grantId: string): string[] {
  return [grantId, `grant:${grantId}`];
}

/** The keys that a transaction must lock to change a client and to revoke its tokens. */
export function clientKeys(clientId: string): string[] {
  return [clientId, `client:${clientId}`];
}

/** Ends tokens before their expiry: what is revoked here is refused by every service within a second. */
@Injectable()
export class Revoker {
  constructor(
    private readonly grants: Grants,
    private readonly revocations: Revocations,
    private readonly outbox: Outbox,
    @Inject(RevocationAnnouncer) private readonly announcer: Pick<RevocationAnnouncer, 'announce'>,
    private readonly clock: Clock,
  ) {}

  /**
   * Idempotent: revoking again writes nothing. The transaction holds the lock of the revocation's key, and locks nothing
   * after this: it holds the counter of all revocations until its commit.
   */
  async revoke(tx: Tx, revocation: Revocation): Promise<void> {
    const number = await this.revocations.add(tx, tokenRevoked.key(revocation), revocation);
    if (number === null) return;
    const numbered = { ...revocation, number };
    await this.outbox.append(tx, tokenRevoked, numbered);
    tx.afterCommit(() => this.announcer.announce(numbered));
  }

  /** Ends every access token of a client. The transaction holds the locks of `clientKeys`. */
  async revokeClient(tx: Tx, client: RevokedClient, reason: Revocation['reason']): Promise<void> {
    await this.revoke(tx, clientRevocation({ ...client, keptMs: CLIENT_KEPT_MS }, reason, this.clock.now()));
  }

  /** Ends a grant with every token of it. The transaction holds the locks of `grantKeys`. */
  async revokeGrant(
    tx: Tx,
    grant: Pick<Grant, 'id' | 'clientId' | 'accountId'>,
    reason: Revocation['reason'],
  ): Promise<void> {
    const now = this.clock.now();
    if (await this.grants.revoke(tx, grant.id, now)) await this.revoke(tx, grantRevocation(grant, reason, now));
  }
}
