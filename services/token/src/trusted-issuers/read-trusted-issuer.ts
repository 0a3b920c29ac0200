import { Controller } from '@nestjs/common';
import { RequirePermission } from '@gatehouse/authorization-client';
import { readTrustedIssuer, trustedIssuerRead, type InputOf, type TrustedIssuerResource } from '@gatehouse/contracts';
import { Endpoint, existing, Input } from '@gatehouse/http';
import { TrustedIssuers } from '../store/trusted-issuers.ts';
import { trustedIssuerResource } from './trusted-issuer-resource.ts';

@Controller()
export class ReadTrustedIssuer {
  constructor(private readonly issuers: TrustedIssuers) {}

  @Endpoint(readTrustedIssuer)
  @RequirePermission(trustedIssuerRead)
  async handle(@Input() { path }: InputOf<typeof readTrustedIssuer>): Promise<TrustedIssuerResource> {
    return trustedIssuerResource(existing(await this.issuers.find(path.trusted_issuer_id)));
  }
}
