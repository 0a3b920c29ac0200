import { Global, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { ServiceToken } from '@gatehouse/authn';
import { authorizationCheck, PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import { Health } from '@gatehouse/lifecycle';
import { AuthorizationClient } from './authorization-client.ts';
import type { AuthorizationClientOptions } from './authorization-client.ts';
import { PermissionChecker } from './permission-checker.ts';
import { PermissionEnforcer } from './permission-enforcer.ts';

/**
 * Lets a service ask the authorization service, with the `ServiceToken` of `AuthnModule`.
 *
 * @example
 * AuthnModule.register({ ..., policy: AuthorizationAccessPolicy, serviceClient: {...} }),
 * AuthorizationClientModule.register({ url: config.AUTHORIZATION_URL }),
 */
@Global()
@Module({})
export class AuthorizationClientModule {
  static register(options: AuthorizationClientOptions): DynamicModule {
    return {
      module: AuthorizationClientModule,
      providers: [
        {
          provide: AuthorizationClient,
          inject: [ServiceToken, Health],
          useFactory: (tokens: ServiceToken, health: Health) => {
            const client = new AuthorizationClient(options, tokens);
            health.add({ name: 'authorization', exercise: () => askSomething(client) });
            return client;
          },
        },
        { provide: PermissionChecker, useExisting: AuthorizationClient },
        PermissionEnforcer,
      ],
      exports: [AuthorizationClient, PermissionChecker, PermissionEnforcer],
    };
  }
}

/** A whole decision for a subject that nobody is; not part of readiness, since not every request needs a permission. */
async function askSomething(client: AuthorizationClient): Promise<void> {
  const org_id = PLATFORM_ORGANIZATION_ID;
  await client.check({ user_id: 'nobody', org_id, permission: authorizationCheck.name });
}
