import { Injectable } from '@nestjs/common';
import { OutboundClient, OutboundFailed, OutboundRefused } from '@gatehouse/outbound';
import { OAuthError } from '@gatehouse/problem';
import { createLocalJWKSet, errors, type CryptoKey, type JWSHeaderParameters } from 'jose';
import { z } from 'zod';
import type { Client } from '../domain/client.ts';

const KEPT_MS = 120_000;
/** A key that is not there may have been added a moment ago; asked again only after this long. */
const REFETCH_FLOOR_MS = 5_000;
const KEPT_SETS_MAX = 1_000;
const SET_BYTES_MAX = 65_536;

const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string().optional() })).max(50) });

/** A JWK, not looked into. */
export type ClientKey = z.output<typeof keySet>['keys'][number];

interface FetchedSet {
  readonly keys: readonly ClientKey[];
  readonly find: ReturnType<typeof createLocalJWKSet>;
  readonly fetchedAtMs: number;
}

/** The public keys of clients: registered with them (`jwks`), or behind a URL of theirs (`jwks_uri`). */
@Injectable()
export class ClientKeys {
  /** By URL, the one fetched longest ago first. */
  private readonly sets = new Map<string, Promise<FetchedSet>>();

  constructor(private readonly outbound: OutboundClient) {}

  /**
   * The key that a JWT of the client names. Keys are fetched anew after two minutes, and at most every five seconds for
   * one that is not among those.
   * @throws OAuthError invalid_client where there is none, or its URL does not answer
   */
  async find(client: Client, header: JWSHeaderParameters): Promise<CryptoKey> {
    const { jwks, jwks_uri } = client.metadata;
    if (jwks) return createLocalJWKSet(jwks)(header);
    if (jwks_uri === undefined) throw new errors.JWKSNoMatchingKey();
    return orInvalidClient(this.fetched(jwks_uri, header));
  }

  /**
   * Whether a key of the client is one that is looked for; looked for again, with the same patience, in keys fetched anew.
   * @throws OAuthError invalid_client where their URL does not answer
   */
  async some(client: Client, isWanted: (key: ClientKey) => boolean): Promise<boolean> {
    const { jwks, jwks_uri } = client.metadata;
    if (jwks) return jwks.keys.some(isWanted);
    if (jwks_uri === undefined) return false;
    for (const ageMsMax of [KEPT_MS, REFETCH_FLOOR_MS]) {
      const { keys } = await orInvalidClient(this.keySet(jwks_uri, ageMsMax));
      if (keys.some(isWanted)) return true;
    }
    return false;
  }

  /**
   * All of them, for choosing one to encrypt to.
   * @throws OutboundFailed or OutboundRefused where the set cannot be had
   */
  async all({ metadata: { jwks, jwks_uri } }: Client): Promise<readonly ClientKey[]> {
    if (jwks) return jwks.keys;
    return jwks_uri === undefined ? [] : (await this.keySet(jwks_uri, KEPT_MS)).keys;
  }

  /**
   * The key that a JWT names in the set behind this URL, remembered like those of clients.
   * @throws JOSEError where there is none; OutboundFailed or OutboundRefused where the set cannot be had
   */
  async fetched(url: string, header: JWSHeaderParameters): Promise<CryptoKey> {
    const known = await this.keySet(url, KEPT_MS);
    try {
      return await known.find(header);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      return (await this.keySet(url, REFETCH_FLOOR_MS)).find(header);
    }
  }

  /** Fetched once for all who ask at the same time. */
  private async keySet(url: string, ageMsMax: number): Promise<FetchedSet> {
    const kept = this.sets.get(url);
    if (kept && performance.now() - (await kept).fetchedAtMs <= ageMsMax) return kept;
    const fetching = this.fetch(url);
    this.sets.delete(url);
    this.sets.set(url, fetching);
    const [oldest] = this.sets.keys();
    if (this.sets.size > KEPT_SETS_MAX && oldest !== undefined) this.sets.delete(oldest);
    try {
      return await fetching;
    } catch (error) {
      if (this.sets.get(url) === fetching) this.sets.delete(url);
      throw error;
    }
  }

  private async fetch(url: string): Promise<FetchedSet> {
    const parsed = keySet.safeParse(await this.outbound.getJson(url, { maxBytes: SET_BYTES_MAX }));
    if (!parsed.success) throw new OutboundFailed('The answer is no JWK set.');
    return { keys: parsed.data.keys, find: createLocalJWKSet(parsed.data), fetchedAtMs: performance.now() };
  }
}

async function orInvalidClient<T>(fetching: Promise<T>): Promise<T> {
  try {
    return await fetching;
  } catch (error) {
    if (error instanceof OutboundRefused || error instanceof OutboundFailed)
      throw new OAuthError('invalid_client', 'the keys of the client cannot be fetched', { cause: error });
    throw error;
  }
}
