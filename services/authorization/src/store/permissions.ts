import type { PermissionResource } from '@gatehouse/contracts';
import type { Tx } from '@gatehouse/database';
import type { ListPage, PageRequest } from '@gatehouse/http';
import type { PermissionScope } from '../domain/decide.ts';

/** The catalog of permissions: those of Gatehouse and those that operators registered. */
export abstract class Permissions {
  /** Throws `already-exists` where the name is taken. */
  abstract register(
    tx: Tx,
    permission: { readonly name: string; readonly summary: string },
  ): Promise<PermissionResource>;
  /** In order of name. */
  abstract list(page: PageRequest): Promise<ListPage<PermissionResource>>;
  /** The scopes of those of `names` that are in the catalog. */
  abstract scopesOf(tx: Tx, names: readonly string[]): Promise<ReadonlyMap<string, PermissionScope>>;
}
