import { Injectable, type OnModuleInit } from '@nestjs/common';
import { resourceAdded, resourceChanged, resourceRemoved, type ResourceDescription } from '@gatehouse/contracts';
import { Database, type Tx } from '@gatehouse/database';
import { existing } from '@gatehouse/http';
import { Outbox } from '@gatehouse/messaging';
import { Problem } from '@gatehouse/problem';
import { TokenSettings } from '../config.ts';
import { resourceFaults, takenTypes } from '../domain/resource-faults.ts';
import type { Resource } from '../domain/resource.ts';
import { ClientRecords } from '../store/client-records.ts';
import { ResourceRecords, type ResourceRecord } from '../store/resources.ts';
import { KnownResources } from './known-resources.ts';

/** Every instance remembers all of them. */
const RESOURCES_MAX = 500;

/** Whoever changes one holds this too, since the types of authorization details are told apart among all of them. */
const ALL = 'resources';

/** May refuse, in the transaction, what it finds. */
type Precondition = (found: ResourceRecord) => void;

/** Every change of a resource, whoever makes it: one transaction with its event. */
@Injectable()
export class ResourceRegistry implements OnModuleInit {
  constructor(
    private readonly records: ResourceRecords,
    private readonly known: KnownResources,
    private readonly clients: ClientRecords,
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly settings: TokenSettings,
  ) {}

  /** The services of RESOURCES are there from the start, under the URLs of the setting; the rest of them is the API's. */
  async onModuleInit(): Promise<void> {
    const urls = new Map((await this.records.all()).map(({ name, url }) => [name, url]));
    for (const [name, url] of this.settings.declaredResources)
      if (urls.get(name) !== url) await this.declare(name, url);
  }

  async add(resource: Resource): Promise<ResourceRecord> {
    await this.check(resource.name, resource);
    return this.write(resource.name, async (tx, all) => {
      if (all.some(({ name }) => name === resource.name)) throw new Problem('already-exists');
      return this.addTo(tx, all, resource);
    });
  }

  async change(name: string, described: ResourceDescription, precondition: Precondition): Promise<ResourceRecord> {
    await this.check(name, described);
    return this.write(name, async (tx, all) => {
      precondition(existing(all.find((one) => one.name === name)));
      refuseTaken(name, described, all);
      const changed = await this.records.save(tx, { name, ...described });
      await this.outbox.append(tx, resourceChanged, factsOf(changed));
      return changed;
    });
  }

  /** @throws Problem conflict for one that the setting RESOURCES declares: the next start would bring it back */
  async remove(name: string, precondition: Precondition): Promise<void> {
    await this.write(name, async (tx, all) => {
      const found = existing(all.find((one) => one.name === name));
      precondition(found);
      if (this.settings.declaredResources.has(name))
        throw new Problem('conflict', { detail: 'The setting RESOURCES declares it.' });
      await this.records.remove(tx, name);
      await this.outbox.append(tx, resourceRemoved, { name, url: found.url });
    });
  }

  private declare(name: string, url: string): Promise<ResourceRecord> {
    return this.write(name, async (tx, all) => {
      const found = all.find((one) => one.name === name);
      if (found?.url === url) return found;
      if (!found) return this.addTo(tx, all, newlyDeclared(name, url));
      const moved = await this.records.save(tx, { ...found, url });
      await this.outbox.append(tx, resourceChanged, factsOf(moved));
      return moved;
    });
  }

  private async addTo(tx: Tx, all: readonly ResourceRecord[], resource: Resource): Promise<ResourceRecord> {
    if (all.length >= RESOURCES_MAX)
      throw new Problem('conflict', {
        detail: `There are ${RESOURCES_MAX} resources, which is as many as there can be.`,
      });
    refuseTaken(resource.name, resource, all);
    const added = await this.records.add(tx, resource);
    await this.outbox.append(tx, resourceAdded, factsOf(added));
    return added;
  }

  /** @throws Problem invalid-input with everything that is wrong */
  private async check(name: string, described: ResourceDescription): Promise<void> {
    const errors = resourceFaults(name, described, this.settings);
    const { client_id } = described;
    if (client_id !== null && !(await this.clients.find(client_id)))
      errors.push({ pointer: '#/client_id', detail: 'is no client' });
    if (errors.length > 0) throw new Problem('invalid-input', { errors });
  }

  private async write<T>(name: string, work: (tx: Tx, all: readonly ResourceRecord[]) => Promise<T>): Promise<T> {
    const written = await this.database.change([name, ALL], async (tx) => work(tx, await this.records.all(tx)));
    this.known.forget();
    return written;
  }
}

/** The platform's own services have clients of their names, and look at permissions instead of scopes. */
function newlyDeclared(name: string, url: string): Resource {
  return { name, url, client_id: name, scopes: null, authorization_details_types: [] };
}

function refuseTaken(name: string, described: ResourceDescription, all: readonly ResourceRecord[]): void {
  const errors = takenTypes(name, described, all);
  if (errors.length > 0) throw new Problem('invalid-input', { errors });
}

function factsOf({ name, url, client_id, scopes, authorization_details_types }: Resource) {
  return { name, url, client_id, scopes, authorization_details_types };
}
