import { Injectable } from '@nestjs/common';
import { counter } from '@gatehouse/telemetry';
import { TokenSettings } from '../config.ts';
import { knownTypes } from '../domain/authorization-details.ts';
import { issuerResource, type Resources } from '../domain/resource.ts';
import { ResourceRecords } from '../store/resources.ts';

/** How long an instance may remember resources that it hears nothing of. */
const KEPT_MS = 60_000;

const asked = counter({
  name: 'resource_cache_requests_total',
  help: 'Questions for the resources, by whether they were remembered; the ratio of `hit` is the hit ratio.',
  labels: ['outcome'],
});

/**
 * All resources, the issuer first: as they were a minute ago at most, and a second ago while changes are heard of
 * (`follow-resources`). They are remembered as a whole, so that a request for one that is unknown asks nobody.
 */
@Injectable()
export class KnownResources {
  private kept: { readonly resources: Resources; readonly untilMs: number } | undefined;
  private reading: Promise<Resources> | undefined;

  /** Raised by every `forget`: what was read before it must not be kept after it. */
  private forgotten = 0;

  constructor(
    private readonly records: ResourceRecords,
    private readonly settings: TokenSettings,
  ) {}

  /** @throws Problem dependency-unavailable where nothing is remembered and the database is away */
  current(): Promise<Resources> {
    const { kept } = this;
    const fresh = kept !== undefined && kept.untilMs > performance.now();
    asked.inc({ outcome: fresh ? 'hit' : 'miss' });
    return fresh ? Promise.resolve(kept.resources) : (this.reading ??= this.read());
  }

  /** The names of all types of authorization details (RFC 9396). @throws Problem like `current` */
  async detailTypes(): Promise<string[]> {
    return knownTypes(await this.current()).map(({ type }) => type);
  }

  forget(): void {
    this.forgotten += 1;
    this.kept = undefined;
    this.reading = undefined;
  }

  private async read(): Promise<Resources> {
    const { forgotten } = this;
    const untilMs = performance.now() + KEPT_MS;
    try {
      const resources = [issuerResource(this.settings.issuer), ...(await this.records.all())];
      if (forgotten === this.forgotten) this.kept = { resources, untilMs };
      return resources;
    } finally {
      if (forgotten === this.forgotten) this.reading = undefined;
    }
  }
}
