import { Injectable } from '@nestjs/common';
import type { TrustedIssuerInput } from '@gatehouse/contracts';
import { Problem } from '@gatehouse/problem';
import { TokenSettings } from '../config.ts';
import { trustedIssuerFaults } from '../domain/trusted-issuer.ts';
import { ClientRecords } from '../store/client-records.ts';

/** Everything that is wrong with what an administrator asks for. */
@Injectable()
export class DescribedTrustedIssuer {
  constructor(
    private readonly clients: ClientRecords,
    private readonly settings: TokenSettings,
  ) {}

  /** @throws Problem invalid-input */
  async check(described: TrustedIssuerInput): Promise<void> {
    const faults = trustedIssuerFaults(described, this.settings);
    for (const [at, { client_id }] of described.subjects.entries())
      if (!(await this.clients.find(client_id)))
        faults.push({ pointer: `#/subjects/${at}/client_id`, detail: 'is no client' });
    if (faults.length > 0) throw new Problem('invalid-input', { errors: faults });
  }
}
