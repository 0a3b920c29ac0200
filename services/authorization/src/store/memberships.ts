import type { MembershipResource } from '@gatehouse/contracts';
import type { Tx } from '@gatehouse/database';
import type { ListPage, PageRequest } from '@gatehouse/http';

type Key = Pick<MembershipResource, 'organization_id' | 'user_id'>;

/** Who belongs to which organisation. */
export abstract class Memberships {
  /** Throws `already-exists` where the user is a member, also an expired one. */
  abstract insert(tx: Tx, membership: Key & Pick<MembershipResource, 'expires_at'>): Promise<MembershipResource>;
  abstract find(key: Key, tx?: Tx): Promise<MembershipResource | undefined>;
  /** In order of user id. */
  abstract list(organizationId: string, page: PageRequest): Promise<ListPage<MembershipResource>>;
  abstract change(tx: Tx, key: Key, expiresAt: string | null): Promise<MembershipResource>;
  /** The member's grants must be gone already. */
  abstract delete(tx: Tx, key: Key): Promise<void>;
}
