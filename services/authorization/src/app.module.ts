import { Module } from '@nestjs/common';
import type { DynamicModule, Provider } from '@nestjs/common';
import { AuthnModule } from '@gatehouse/authn';
import { AuthorizationAccessPolicy, PermissionChecker, PermissionEnforcer } from '@gatehouse/authorization-client';
import { RedisModule } from '@gatehouse/cache';
import { DatabaseModule } from '@gatehouse/database';
import { MessagingModule } from '@gatehouse/messaging';
import { CheckPermission } from './check-permission/check-permission.ts';
import type { AuthorizationConfig } from './config.ts';
import { GrantablePermissions } from './grantable-permissions.ts';
import { AddGrant } from './grants/add-grant.ts';
import { ChangeGrant } from './grants/change-grant.ts';
import { ListGrants } from './grants/list-grants.ts';
import { ReadGrant } from './grants/read-grant.ts';
import { RemoveGrant } from './grants/remove-grant.ts';
import { LocalPermissionChecker } from './local-permission-checker.ts';
import { AddMembership } from './memberships/add-membership.ts';
import { ChangeMembership } from './memberships/change-membership.ts';
import { ListMemberships } from './memberships/list-memberships.ts';
import { ReadMembership } from './memberships/read-membership.ts';
import { RemoveMembership } from './memberships/remove-membership.ts';
import { operator } from './operator.ts';
import { OrganizationChanges } from './organization-changes.ts';
import { ChangeOrganization } from './organizations/change-organization.ts';
import { CreateOrganization } from './organizations/create-organization.ts';
import { DeleteOrganization } from './organizations/delete-organization.ts';
import { ListOrganizations } from './organizations/list-organizations.ts';
import { ReadOrganization } from './organizations/read-organization.ts';
import { PermissionDecider } from './permission-decider.ts';
import { ListPermissions } from './permissions/list-permissions.ts';
import { RegisterPermission } from './permissions/register-permission.ts';
import { ChangeRole } from './roles/change-role.ts';
import { CreateRole } from './roles/create-role.ts';
import { DeleteRole } from './roles/delete-role.ts';
import { ListRoles } from './roles/list-roles.ts';
import { ReadRole } from './roles/read-role.ts';
import { constraints } from './store/constraints.ts';
import { Decisions } from './store/decisions.ts';
import { Epochs } from './store/epochs.ts';
import { Grants } from './store/grants.ts';
import { Memberships } from './store/memberships.ts';
import { Organizations } from './store/organizations.ts';
import { Permissions } from './store/permissions.ts';
import { PostgresDecisions } from './store/postgres-decisions.ts';
import { PostgresEpochs } from './store/postgres-epochs.ts';
import { PostgresGrants } from './store/postgres-grants.ts';
import { PostgresMemberships } from './store/postgres-memberships.ts';
import { PostgresOrganizations } from './store/postgres-organizations.ts';
import { PostgresPermissions } from './store/postgres-permissions.ts';
import { PostgresRoles } from './store/postgres-roles.ts';
import { Roles } from './store/roles.ts';

const organizations = [CreateOrganization, ListOrganizations, ReadOrganization, ChangeOrganization, DeleteOrganization];
const roles = [CreateRole, ListRoles, ReadRole, ChangeRole, DeleteRole];
const memberships = [AddMembership, ListMemberships, ReadMembership, ChangeMembership, RemoveMembership];
const grants = [AddGrant, ListGrants, ReadGrant, ChangeGrant, RemoveGrant];
const permissions = [RegisterPermission, ListPermissions, CheckPermission];

const store: Provider[] = [
  { provide: Decisions, useClass: PostgresDecisions },
  { provide: Epochs, useClass: PostgresEpochs },
  { provide: Grants, useClass: PostgresGrants },
  { provide: Memberships, useClass: PostgresMemberships },
  { provide: Organizations, useClass: PostgresOrganizations },
  { provide: Permissions, useClass: PostgresPermissions },
  { provide: Roles, useClass: PostgresRoles },
];

/** What decides; this service asks itself without HTTP. */
@Module({
  providers: [
    ...store,
    PermissionDecider,
    PermissionEnforcer,
    { provide: PermissionChecker, useClass: LocalPermissionChecker },
  ],
  exports: [...store, PermissionDecider, PermissionEnforcer],
})
class DecisionModule {}

/** The composition root: the only list of slices and adapters. */
@Module({})
export class AppModule {
  static register(config: AuthorizationConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        DatabaseModule.register({
          url: config.AUTHORIZATION_DATABASE_URL,
          applicationName: 'authorization',
          entities: operator.entities,
          migrations: operator.migrations,
          poolSize: config.DATABASE_POOL_SIZE,
          constraints,
        }),
        MessagingModule.register({ service: 'authorization', kafka: config, consumes: true }),
        DecisionModule,
        RedisModule.forState('authorization', config, { required: false }),
        AuthnModule.register({
          issuer: config.ISSUER,
          audience: config.SERVICE_URL,
          stateRedisUrl: config.STATE_REDIS_URL,
          serviceClient: { clientId: config.SERVICE_CLIENT_ID, clientSecret: config.SERVICE_CLIENT_SECRET },
          resource: { service: 'authorization', url: config.SERVICE_URL },
          dpop: { service: 'authorization', url: config.SERVICE_URL, settings: config },
          imports: [DecisionModule],
          policy: AuthorizationAccessPolicy,
        }),
      ],
      controllers: [...organizations, ...roles, ...memberships, ...grants, ...permissions],
      providers: [OrganizationChanges, GrantablePermissions],
    };
  }
}
