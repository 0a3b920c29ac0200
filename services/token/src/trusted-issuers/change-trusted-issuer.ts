import { Controller } from '@nestjs/common';
import { RequirePermission } from '@gatehouse/authorization-client';
import {
  changeTrustedIssuer,
  trustedIssuerChanged,
  trustedIssuerManage,
  type InputOf,
  type TrustedIssuerResource,
} from '@gatehouse/contracts';
import { Database } from '@gatehouse/database';
import { Endpoint, existing, Input, requireVersion } from '@gatehouse/http';
import { Outbox } from '@gatehouse/messaging';
import { TrustedIssuers } from '../store/trusted-issuers.ts';
import { DescribedTrustedIssuer } from './described-trusted-issuer.ts';
import { factsOf, trustedIssuerResource } from './trusted-issuer-resource.ts';

@Controller()
export class ChangeTrustedIssuer {
  constructor(
    private readonly issuers: TrustedIssuers,
    private readonly described: DescribedTrustedIssuer,
    private readonly database: Database,
    private readonly outbox: Outbox,
  ) {}

  @Endpoint(changeTrustedIssuer)
  @RequirePermission(trustedIssuerManage)
  async handle(@Input() { path, headers, json }: InputOf<typeof changeTrustedIssuer>): Promise<TrustedIssuerResource> {
    await this.described.check(json);
    const id = path.trusted_issuer_id;
    return this.database.change([id], async (tx) => {
      requireVersion(existing(await this.issuers.find(id, tx)), headers);
      const changed = await this.issuers.save(tx, id, json);
      await this.outbox.append(tx, trustedIssuerChanged, factsOf(changed));
      return trustedIssuerResource(changed);
    });
  }
}
