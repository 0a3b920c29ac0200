import type { GrantResource, Subject } from '@gatehouse/contracts';
import type { Tx } from '@gatehouse/database';
import type { ListPage, PageRequest } from '@gatehouse/http';

export type NewGrant = Omit<GrantResource, 'version' | 'created_at' | 'updated_at'>;
export type Term = Pick<GrantResource, 'not_before' | 'expires_at'>;
/** Joined by AND. */
export interface GrantFilter {
  readonly subject_type?: Subject['type'] | undefined;
  readonly subject_id?: string | undefined;
  readonly role_id?: string | undefined;
}

/** Grants of roles and of single permissions, which are normalized patterns. */
export abstract class Grants {
  /** Throws `already-exists` where the subject holds the same already, `unprocessable` where a user is not a member. */
  abstract insert(tx: Tx, grant: NewGrant): Promise<GrantResource>;
  abstract find(organizationId: string, id: string, tx?: Tx): Promise<GrantResource | undefined>;
  /** In order of creation. */
  abstract list(organizationId: string, filter: GrantFilter, page: PageRequest): Promise<ListPage<GrantResource>>;
  abstract change(tx: Tx, id: string, term: Term): Promise<GrantResource>;
  abstract delete(tx: Tx, id: string): Promise<void>;
  /** Every grant of a subject in an organisation; answers what is gone, in order of creation. */
  abstract deleteOf(tx: Tx, organizationId: string, subject: Subject): Promise<GrantResource[]>;
}
