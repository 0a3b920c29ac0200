import { Controller } from '@nestjs/common';
import { RequirePermission } from '@gatehouse/authorization-client';
import {
  addTrustedIssuer,
  trustedIssuerAdded,
  trustedIssuerManage,
  type InputOf,
  type TrustedIssuerResource,
} from '@gatehouse/contracts';
import { Database, uuidv7 } from '@gatehouse/database';
import { Endpoint, Input } from '@gatehouse/http';
import { Outbox } from '@gatehouse/messaging';
import { TrustedIssuers } from '../store/trusted-issuers.ts';
import { DescribedTrustedIssuer } from './described-trusted-issuer.ts';
import { factsOf, trustedIssuerResource } from './trusted-issuer-resource.ts';

@Controller()
export class AddTrustedIssuer {
  constructor(
    private readonly issuers: TrustedIssuers,
    private readonly described: DescribedTrustedIssuer,
    private readonly database: Database,
    private readonly outbox: Outbox,
  ) {}

  @Endpoint(addTrustedIssuer)
  @RequirePermission(trustedIssuerManage)
  async handle(@Input() { json }: InputOf<typeof addTrustedIssuer>): Promise<TrustedIssuerResource> {
    await this.described.check(json);
    const id = uuidv7();
    return this.database.change([id], async (tx) => {
      const added = await this.issuers.add(tx, id, json);
      await this.outbox.append(tx, trustedIssuerAdded, factsOf(added));
      return trustedIssuerResource(added);
    });
  }
}
