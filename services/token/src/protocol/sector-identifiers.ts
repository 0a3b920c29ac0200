import { Injectable } from '@nestjs/common';
import type { ClientMetadata } from '@gatehouse/contracts';
import { OutboundClient, OutboundFailed, OutboundRefused } from '@gatehouse/outbound';
import { z } from 'zod';
import type { RegistrationFault } from '../domain/client-registration.ts';

const LIST_BYTES_MAX = 65_536;
const redirectUris = z.array(z.string()).max(1_000);
const path = ['sector_identifier_uri'];

/** The lists by which a host says whose clients are of its sector (OIDC Registration 5). */
@Injectable()
export class SectorIdentifiers {
  constructor(private readonly outbound: OutboundClient) {}

  /** What is wrong with the list behind a client's sector_identifier_uri: it must name every redirect URI. */
  async faultsOf(metadata: ClientMetadata): Promise<RegistrationFault[]> {
    const { sector_identifier_uri: uri } = metadata;
    if (uri === undefined) return [];
    const listed = await this.listed(uri);
    if (typeof listed === 'string') return [{ path, detail: listed }];
    const missing = metadata.redirect_uris.filter((one) => !listed.includes(one));
    return missing.length > 0 ? [{ path, detail: `does not list ${missing.join(' ')}` }] : [];
  }

  /** The list, or why there is none. */
  private async listed(uri: string): Promise<readonly string[] | string> {
    try {
      const parsed = redirectUris.safeParse(await this.outbound.getJson(uri, { maxBytes: LIST_BYTES_MAX }));
      return parsed.success ? parsed.data : 'is no JSON list of redirect URIs';
    } catch (error) {
      if (error instanceof OutboundRefused || error instanceof OutboundFailed)
        return `cannot be fetched: ${error.reason}`;
      throw error;
    }
  }
}
