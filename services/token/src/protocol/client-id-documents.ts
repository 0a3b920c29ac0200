import { Injectable } from '@nestjs/common';
import type { ClientMetadata } from '@gatehouse/contracts';
import { OutboundClient, OutboundFailed, OutboundRefused } from '@gatehouse/outbound';
import { OAuthError, Problem } from '@gatehouse/problem';
import { Clock } from '../clock.ts';
import { TokenSettings } from '../config.ts';
import { documentIdFault, documentMetadata, isDocumentId } from '../domain/client-id-document.ts';
import type { RegistrationFault } from '../domain/client-registration.ts';
import { ClientDocuments } from '../store/client-documents.ts';
import { ClientRegistry } from './client-registry.ts';
import { KnownResources } from './known-resources.ts';
import { SectorIdentifiers } from './sector-identifiers.ts';
import { TokenLimits } from './token-limits.ts';

/** Section 6.6 of the draft recommends 5 KB. */
const DOCUMENT_BYTES_MAX = 5_120;
/** What a document may say of its own lifetime is bounded; one that says nothing is kept this long. */
const KEPT_MS_MAX = 3_600_000;
const KEPT_MS = 300_000;
const KEPT_MAX = 1_000;
/** Strangers choose the URLs, so only so many are asked at once. */
const FETCHES_MAX = 20;
/** How often it is written down that a client is still in use. */
const TOUCHED_EVERY_MS = 3_600_000;

/**
 * Client ID Metadata Documents (draft-ietf-oauth-client-id-metadata-document), where the setting allows them: a client that
 * nobody registered, whose id is the https URL of what it says of itself. From the first use on it is stored like a client that
 * registered itself, never as a first party, so an administrator can disable it, and its grants and consents are like any.
 */
@Injectable()
export class ClientIdDocuments {
  /** By id, until when the document counts; nothing that failed is remembered. */
  private readonly fresh = new Map<string, number>();
  private readonly reading = new Map<string, Promise<void>>();

  constructor(
    private readonly outbound: OutboundClient,
    private readonly registry: ClientRegistry,
    private readonly documents: ClientDocuments,
    private readonly sectors: SectorIdentifiers,
    private readonly known: KnownResources,
    private readonly limits: TokenLimits,
    private readonly settings: TokenSettings,
    private readonly clock: Clock,
  ) {}

  /**
   * Before a client is looked up that asks for something: brings what is stored of it up to date where its id is a URL, as often
   * as HTTP says; any other id is left alone.
   * @throws OAuthError invalid_client where documents are not allowed, or the document cannot be had or is wrong; Problem
   *   overloaded where too many are being fetched, too-many-requests where one network has used up its share
   */
  async refresh(id: string): Promise<void> {
    if (!isDocumentId(id)) return;
    if (!this.settings.clientIdDocuments) throw refused('client ids that are URLs are not accepted');
    if ((this.fresh.get(id) ?? -Infinity) > performance.now()) return;
    const underWay = this.reading.get(id);
    if (underWay) return underWay;
    if (this.reading.size >= FETCHES_MAX) throw new Problem('overloaded', { retryAfterSeconds: 1 });
    const reading = this.read(id).finally(() => this.reading.delete(id));
    this.reading.set(id, reading);
    return reading;
  }

  private async read(id: string): Promise<void> {
    const fault = documentIdFault(id);
    if (fault !== null) throw refused(`the client id ${fault}`);
    await this.limits.document(id);
    const { json, freshForS } = await this.fetch(id);
    await this.keep(id, await this.metadataOf(id, json));
    this.fresh.delete(id);
    const [oldest] = this.fresh.keys();
    if (this.fresh.size >= KEPT_MAX && oldest !== undefined) this.fresh.delete(oldest);
    const keptMs = freshForS === null ? KEPT_MS : Math.min(freshForS * 1_000, KEPT_MS_MAX);
    this.fresh.set(id, performance.now() + keptMs);
  }

  private async fetch(id: string) {
    try {
      return await this.outbound.getJsonDocument(id, { maxBytes: DOCUMENT_BYTES_MAX });
    } catch (error) {
      if (error instanceof OutboundRefused || error instanceof OutboundFailed)
        throw refused(`the document of the client cannot be fetched: ${error.reason}`, error);
      throw error;
    }
  }

  private async metadataOf(id: string, json: unknown): Promise<ClientMetadata> {
    const result = documentMetadata(id, json, this.settings, await this.known.detailTypes());
    const faults = 'faults' in result ? result.faults : await this.sectors.faultsOf(result.metadata);
    if ('faults' in result || faults.length > 0)
      throw refused(`the document of the client is wrong: ${faults.map(described).join('; ')}`);
    return result.metadata;
  }

  /** Nothing is written, and nothing told, where the document says what is known. */
  private async keep(id: string, metadata: ClientMetadata): Promise<void> {
    const now = this.clock.now();
    const known = await this.documents.find(id);
    const isKnown = known !== undefined && JSON.stringify(known.metadata) === JSON.stringify(metadata);
    if (isKnown && now.getTime() - known.readAt.getTime() < TOUCHED_EVERY_MS) return;
    await this.registry.change(id, async (tx, client) => {
      if (!client) await this.registry.adopt(tx, id, metadata);
      else if (!isKnown) await this.registry.describe(tx, client, { metadata, policy: client.policy });
      await this.documents.touch(tx, id, now);
    });
  }
}

function described({ path, detail }: RegistrationFault): string {
  return `${path.join('.')} ${detail}`.trim();
}

function refused(description: string, cause?: unknown): OAuthError {
  return new OAuthError('invalid_client', description.slice(0, 500), { cause });
}
