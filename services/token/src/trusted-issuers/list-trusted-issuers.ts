import { Controller } from '@nestjs/common';
import { RequirePermission } from '@gatehouse/authorization-client';
import { listTrustedIssuers, trustedIssuerRead, type InputOf, type TrustedIssuerResource } from '@gatehouse/contracts';
import { Endpoint, Input, isUuid, pageRequest, type ListPage } from '@gatehouse/http';
import { TrustedIssuers } from '../store/trusted-issuers.ts';
import { trustedIssuerResource } from './trusted-issuer-resource.ts';

@Controller()
export class ListTrustedIssuers {
  constructor(private readonly issuers: TrustedIssuers) {}

  @Endpoint(listTrustedIssuers)
  @RequirePermission(trustedIssuerRead)
  async handle(@Input() { query }: InputOf<typeof listTrustedIssuers>): Promise<ListPage<TrustedIssuerResource>> {
    const { items, next_cursor } = await this.issuers.list(pageRequest(query, isUuid));
    return { items: items.map(trustedIssuerResource), next_cursor };
  }
}
