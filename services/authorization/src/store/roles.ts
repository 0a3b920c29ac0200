import type { RoleResource } from '@gatehouse/contracts';
import type { Tx } from '@gatehouse/database';
import type { ListPage, PageRequest } from '@gatehouse/http';

export type RoleContents = Pick<RoleResource, 'name' | 'description' | 'permissions'>;

/** Roles of organisations; their patterns are normalized and answered in order of name. */
export abstract class Roles {
  /** Throws `already-exists` where the organisation has a role of that name. */
  abstract insert(
    tx: Tx,
    role: RoleContents & { readonly id: string; readonly organization_id: string },
  ): Promise<RoleResource>;
  abstract find(organizationId: string, id: string, tx?: Tx): Promise<RoleResource | undefined>;
  /** In order of creation. */
  abstract list(organizationId: string, page: PageRequest): Promise<ListPage<RoleResource>>;
  /** Throws `already-exists` as `insert` does. */
  abstract replace(tx: Tx, id: string, contents: RoleContents): Promise<RoleResource>;
  /** Throws `conflict` where the role is still granted. */
  abstract delete(tx: Tx, id: string): Promise<void>;
}
