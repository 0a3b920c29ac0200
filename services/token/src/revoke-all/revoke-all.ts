import { Injectable } from '@nestjs/common';
import { Database } from '@gatehouse/database';
import { Clock } from '../clock.ts';
import { subjectRevocation } from '../domain/revocation.ts';
import { Revoker } from '../protocol/revoker.ts';
import { SessionEnder } from '../protocol/session-ender.ts';
import { Accounts } from '../store/accounts.ts';
import { Grants } from '../store/grants.ts';

/**
 * Ends everything of an account at once by raising its version. Whatever was made from an earlier version is worth nothing
 * from the commit on, also what is being made right now: a login, a code, an exchange or a refresh carries the version
 * that it read before it was allowed, whatever its clock says.
 */
@Injectable()
export class RevokeAll {
  constructor(
    private readonly accounts: Accounts,
    private readonly grants: Grants,
    private readonly ender: SessionEnder,
    private readonly revoker: Revoker,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** `clientId` is the client that asked for it. @returns false, and changes nothing, where the account is unknown */
  async run({ accountId, clientId }: { accountId: string; clientId: string }): Promise<boolean> {
    return this.database.change([accountId, `subject:${accountId}`], async (tx) => {
      const version = await this.accounts.raiseVersion(tx, accountId);
      if (version === null) return false;
      const now = this.clock.now();
      await this.ender.endAll(tx, accountId, clientId);
      await this.grants.revokeAll(tx, accountId, now);
      await this.revoker.revoke(tx, subjectRevocation({ accountId, clientId, version }, now));
      return true;
    });
  }
}
