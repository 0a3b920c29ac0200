import { Controller } from '@nestjs/common';
import { RequirePermission } from '@gatehouse/authorization-client';
import { removeTrustedIssuer, trustedIssuerManage, trustedIssuerRemoved, type InputOf } from '@gatehouse/contracts';
import { Database } from '@gatehouse/database';
import { Endpoint, existing, Input, requireVersion } from '@gatehouse/http';
import { Outbox } from '@gatehouse/messaging';
import { TrustedIssuers } from '../store/trusted-issuers.ts';

@Controller()
export class RemoveTrustedIssuer {
  constructor(
    private readonly issuers: TrustedIssuers,
    private readonly database: Database,
    private readonly outbox: Outbox,
  ) {}

  @Endpoint(removeTrustedIssuer)
  @RequirePermission(trustedIssuerManage)
  async handle(@Input() { path, headers }: InputOf<typeof removeTrustedIssuer>): Promise<void> {
    const id = path.trusted_issuer_id;
    await this.database.change([id], async (tx) => {
      const found = existing(await this.issuers.find(id, tx));
      requireVersion(found, headers);
      await this.issuers.remove(tx, id);
      await this.outbox.append(tx, trustedIssuerRemoved, { trusted_issuer_id: id, issuer: found.issuer });
    });
  }
}
