import { Injectable } from '@nestjs/common';
import { SubjectSource } from '@gatehouse/authn';
import { TokenSettings } from '../config.ts';
import type { Client } from '../domain/client.ts';
import { accountOfPairwise, pairwiseSubject, sectorOf, type PairwiseKeys } from '../domain/subject-identifier.ts';

/** What clients call accounts (OIDC Core 8): by their ids, or by identifiers that only the clients of a sector share. */
@Injectable()
export class SubjectIdentifiers extends SubjectSource {
  constructor(private readonly settings: TokenSettings) {
    super();
  }

  /** The `sub` of everything that a client is told about an account. */
  of(accountId: string, client: Client): string {
    return this.pairwise(accountId, client) ?? accountId;
  }

  /** What a client calls a subject other than by its id; undefined for the client itself, and where subjects are public. */
  pairwise(subject: string, { id, metadata, redirectUris }: Client): string | undefined {
    if (metadata.subject_type === 'public' || subject === id) return undefined;
    const sector = sectorOf({ ...metadata, redirect_uris: [...redirectUris] });
    if (sector === null) throw new Error(`client ${id} has pairwise subjects and no sector`);
    return pairwiseSubject(subject, sector, this.keys);
  }

  /** Whom a verified `sub` of ours means, whichever client it was made for. */
  whom(sub: string): string {
    const { pairwiseKeys } = this.settings;
    return (pairwiseKeys && accountOfPairwise(sub, pairwiseKeys)) ?? sub;
  }

  accountOf(_token: string, subject: string): Promise<string | null> {
    const { pairwiseKeys } = this.settings;
    return Promise.resolve(pairwiseKeys && accountOfPairwise(subject, pairwiseKeys));
  }

  private get keys(): PairwiseKeys {
    if (this.settings.pairwiseKeys) return this.settings.pairwiseKeys;
    throw new Error('a client has pairwise subjects, and PAIRWISE_SUBJECT_KEY is not set');
  }
}
