import type { Endpoint, GrantResource, OrganizationResource, RoleResource, Subject } from '@gatehouse/contracts';
import { user } from './authorization.spec-support.ts';
import type { AuthorizationUnderTest } from './authorization.spec-support.ts';

/** An organisation with one of everything, so that every endpoint has something to be called on. */
export class Belongings {
  private constructor(
    readonly organization: OrganizationResource,
    readonly role: RoleResource,
    readonly member: Subject,
    readonly grant: GrantResource,
  ) {}

  static async make(authorization: AuthorizationUnderTest): Promise<Belongings> {
    const organization = await authorization.organization();
    const [role, member] = [await authorization.role(organization.id, ['audit:read']), user()];
    const grant = await authorization.grant(organization.id, member, { role_id: role.id });
    return new Belongings(organization, role, member, grant);
  }

  /** The endpoint's path below `/api/v1` for the things here; `override` replaces some of the ids. */
  pathOf({ path }: Endpoint, override: Readonly<Record<string, string>> = {}): string {
    const ids: Readonly<Record<string, string>> = {
      org_id: this.organization.id,
      role_id: this.role.id,
      user_id: this.member.id,
      grant_id: this.grant.id,
      ...override,
    };
    return path.replace('/api/v1', '').replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? name);
  }
}
