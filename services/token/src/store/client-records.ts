import type { ClientMetadata, ClientPolicy } from '@gatehouse/contracts';
import type { Tx } from '@gatehouse/database';
import type { ListPage, PageRequest } from '@gatehouse/http';
import type { SealedSecret } from '../domain/client.ts';

/** A client as its managers see it, disabled or not; what it proves itself by is stored as SHA-256, sealed besides where it must be recovered. */
export interface ClientRecord {
  readonly id: string;
  readonly metadata: ClientMetadata;
  readonly policy: ClientPolicy;
  readonly secretHashes: readonly Buffer[];
  readonly sealedSecrets: readonly SealedSecret[];
  /** Null where the client did not register itself. */
  readonly registrationTokenHash: Buffer | null;
  readonly disabledAt: Date | null;
  /** Raised by every change. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}
export type NewClientRecord = Pick<
  ClientRecord,
  'id' | 'metadata' | 'policy' | 'secretHashes' | 'sealedSecrets' | 'registrationTokenHash'
>;

/** Clients for those who manage them. A client's advisory lock (its id) orders everything that happens to it. */
export abstract class ClientRecords {
  abstract add(tx: Tx, client: NewClientRecord): Promise<ClientRecord>;
  /** Undefined where there is none. Without `tx`, as it is outside of any. */
  abstract find(id: string, tx?: Tx): Promise<ClientRecord | undefined>;
  /** Writes everything that can change, and raises the version. */
  abstract save(tx: Tx, client: ClientRecord): Promise<ClientRecord>;
  /** Ids of clients with a secret that is sealed with another master key than this one. */
  abstract sealedOtherwise(masterKeyId: string): Promise<string[]>;
  /** Replaces sealed secrets by the same ones, so neither version nor instants change. */
  abstract reseal(tx: Tx, id: string, sealedSecrets: readonly SealedSecret[]): Promise<void>;
  /** With its grants, codes, requests and consents. */
  abstract remove(tx: Tx, id: string): Promise<void>;
  /** In the order of ids. */
  abstract list(page: PageRequest): Promise<ListPage<ClientRecord>>;
}
