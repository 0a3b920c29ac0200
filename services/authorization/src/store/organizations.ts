import type { OrganizationResource, Subject } from '@gatehouse/contracts';
import type { Tx } from '@gatehouse/database';
import type { ListPage, PageRequest } from '@gatehouse/http';

/** What a deleted organisation held. */
export interface DeletedContents {
  readonly roles: number;
  readonly memberships: number;
  readonly grants: number;
}

/** Organisations. Every change runs in a transaction that holds the organisation's lock. */
export abstract class Organizations {
  abstract insert(tx: Tx, organization: { readonly id: string; readonly name: string }): Promise<OrganizationResource>;
  /** Undefined where there is none; inside `tx` where one is given. */
  abstract find(id: string, tx?: Tx): Promise<OrganizationResource | undefined>;
  /** In order of creation. */
  abstract list(page: PageRequest): Promise<ListPage<OrganizationResource>>;
  /** Those that the subject belongs to, as a member or by a grant, in order of creation. */
  abstract listOf(subject: Subject, page: PageRequest): Promise<ListPage<OrganizationResource>>;
  abstract rename(tx: Tx, id: string, name: string): Promise<OrganizationResource>;
  /** With all that it holds; its epochs stay. */
  abstract delete(tx: Tx, id: string): Promise<DeletedContents>;
}
