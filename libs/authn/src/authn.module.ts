import { Global, Module } from '@nestjs/common';
import type { DynamicModule, ModuleMetadata, Provider, Type } from '@nestjs/common';
import type { Secret } from '@gatehouse/config';
import { REVOCATIONS_SCOPE, type Service } from '@gatehouse/contracts';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { StateRedis } from '@gatehouse/cache';
import { AccessPolicy, RefusalLog } from '@gatehouse/http';
import { Health, Shutdown } from '@gatehouse/lifecycle';
import { Authenticator } from './authenticator.ts';
import { DpopVerifier } from './dpop/dpop-verifier.ts';
import { SupplyNonce } from './dpop/supply-nonce.ts';
import { TokenBinding } from './dpop/token-binding.ts';
import { FollowRevocations } from './follow-revocations.ts';
import { IssuerMetadata } from './issuer-metadata.ts';
import { JwksKeySource } from './jwks-key-source.ts';
import { KeySource } from './key-source.ts';
import { LoadedRevocations } from './loaded-revocations.ts';
import { OutboxRefusalLog } from './outbox-refusal-log.ts';
import { ProtectedResource } from './protected-resource.ts';
import type { ResourceDescription } from './protected-resource.ts';
import { publishResourceMetadata } from './publish-resource-metadata.ts';
import { RevocationFreshness } from './revocation-freshness.ts';
import { ReplayedIds } from './replayed-ids.ts';
import { RevocationList } from './revocation-list.ts';
import { HttpRevocationSource, RevocationSource } from './revocation-source.ts';
import { RevocationHead } from './revocation-head.ts';
import { revocationProviders } from './revocation-providers.ts';
import { ServiceToken } from './service-token.ts';
import { IntrospectedSubjects, SubjectSource } from './subject-source.ts';
import type { ServiceClient } from './service-token.ts';
import type { DpopSettings } from './settings.ts';
import { TokenAccessPolicy } from './token-access-policy.ts';
import { TokenIntrospection } from './token-introspection.ts';
import { TokenVerifier } from './token-verifier.ts';
import type { TokenVerifierOptions } from './token-verifier.ts';

export interface AuthnModuleOptions extends TokenVerifierOptions {
  /** Who decides about permissions; without it, endpoints may ask for a token only. */
  readonly policy?: Type<AccessPolicy>;
  /** Where the issuer's keys come from: its JWKS, or a provider of one of `imports`. */
  readonly keySource?: Type<KeySource>;
  readonly imports?: ModuleMetadata['imports'];
  /** Where revocations are asked for: the token service with the service's own client, or a provider of `imports`. */
  readonly revocationSource?: Type<RevocationSource>;
  /** Who pairwise subjects are: asked of the token service with the service's own client, or a provider of `imports`. */
  readonly subjectSource?: Type<SubjectSource>;
  /** `STATE_REDIS_URL`: the fast path of revocations. */
  readonly stateRedisUrl: Secret;
  /** The service's own OAuth client; with it `ServiceToken` can be injected. */
  readonly serviceClient?: ServiceClient;
  /** How the service describes itself to clients (RFC 9728). */
  readonly resource?: ResourceDescription;
  /** Verification of DPoP proofs, with `StateRedis` for replays; without it, tokens that are bound to a key are refused. */
  readonly dpop?: DpopOptions;
}

export interface DpopOptions {
  readonly service: Service;
  /** The service's base URLs as its callers see it, of which their proofs name one. */
  readonly url: string | readonly string[];
  readonly settings: DpopSettings;
}

/**
 * Authentication for a whole service: verifies access tokens, follows revocations, records refusals, and provides the
 * `AccessPolicy` that libs/http asks. Ready once the issuer's keys and all revocations are loaded.
 *
 * @example AuthnModule.register({ issuer: config.ISSUER, audience: config.SERVICE_URL, policy: PermissionAccessPolicy })
 */
@Global()
@Module({})
export class AuthnModule {
  static register(options: AuthnModuleOptions): DynamicModule {
    const { policy = TokenAccessPolicy, imports = [] } = options;
    const metadata = new IssuerMetadata(options.issuer);
    const providers: Provider[] = [
      RevocationList,
      LoadedRevocations,
      { provide: RevocationFreshness, useFactory: () => new RevocationFreshness() },
      revocationSourceProvider(options, metadata),
      subjectSourceProvider(options),
      ...revocationProviders(options),
      ...bindingProviders(options.dpop),
      { provide: ProtectedResource, useValue: new ProtectedResource(options.resource) },
      Authenticator,
      keySourceProvider(options.keySource, metadata),
      {
        provide: TokenVerifier,
        useFactory: (keys: KeySource, revocations: RevocationList, subjects: SubjectSource) =>
          new TokenVerifier(options, keys, revocations, subjects),
        inject: [KeySource, RevocationList, SubjectSource],
      },
      { provide: AccessPolicy, useClass: policy },
      { provide: RefusalLog, useClass: OutboxRefusalLog },
      ...serviceClientProviders(options, metadata),
    ];
    const exported = [
      TokenVerifier,
      KeySource,
      RevocationList,
      Authenticator,
      AccessPolicy,
      RefusalLog,
      RevocationHead,
      LoadedRevocations,
      SubjectSource,
    ];
    return {
      module: AuthnModule,
      imports,
      controllers: [FollowRevocations, ...metadataControllers(options)],
      providers,
      exports: [
        ...exported,
        ...(options.serviceClient ? [ServiceToken] : []),
        ...(options.dpop ? [DpopVerifier, ReplayedIds] : []),
      ],
    };
  }
}

function metadataControllers({ resource, issuer, dpop }: AuthnModuleOptions): Type[] {
  return resource ? [publishResourceMetadata(resource, { issuer, dpop: dpop !== undefined })] : [];
}

function revocationSourceProvider(options: AuthnModuleOptions, metadata: IssuerMetadata): Provider {
  const { revocationSource, serviceClient, issuer } = options;
  if (revocationSource) return { provide: RevocationSource, useExisting: revocationSource };
  if (!serviceClient) throw new Error('revocations can be asked for with a serviceClient or a revocationSource only');
  const tokens = new ServiceToken(serviceClient, metadata, REVOCATIONS_SCOPE);
  return { provide: RevocationSource, useValue: new HttpRevocationSource(issuer, tokens) };
}

function subjectSourceProvider({ subjectSource, serviceClient, issuer }: AuthnModuleOptions): Provider {
  if (subjectSource) return { provide: SubjectSource, useExisting: subjectSource };
  if (!serviceClient) throw new Error('pairwise subjects need a serviceClient or a subjectSource');
  return { provide: SubjectSource, useValue: new IntrospectedSubjects(issuer, serviceClient) };
}

function keySourceProvider(own: Type<KeySource> | undefined, metadata: IssuerMetadata): Provider {
  if (own) return { provide: KeySource, useExisting: own };
  return {
    provide: KeySource,
    inject: [Health, Shutdown],
    useFactory: (health: Health, shutdown: Shutdown) => {
      const keys = new JwksKeySource(metadata);
      health.add({
        name: 'token-keys',
        ready: () => keys.loaded || 'the keys of the token issuer were never fetched',
        exercise: () => keys.refresh(),
      });
      shutdown.on('pools', 'token keys', () => Promise.resolve(keys.stop()));
      keys.start();
      return keys;
    },
  };
}

function serviceClientProviders({ serviceClient, issuer }: AuthnModuleOptions, metadata: IssuerMetadata): Provider[] {
  if (!serviceClient) return [];
  return [
    { provide: ServiceToken, useValue: new ServiceToken(serviceClient, metadata) },
    { provide: TokenIntrospection, useValue: new TokenIntrospection(issuer, serviceClient) },
  ];
}

function bindingProviders(dpop: DpopOptions | undefined): Provider[] {
  if (!dpop) return [{ provide: TokenBinding, useValue: new TokenBinding(undefined) }];
  const { service, url, settings } = dpop;
  return [
    {
      provide: ReplayedIds,
      useFactory: (redis: StateRedis) => new ReplayedIds(redis, service),
      inject: [StateRedis],
    },
    {
      provide: DpopVerifier,
      useFactory: (used: ReplayedIds) => new DpopVerifier(url, settings, used),
      inject: [ReplayedIds],
    },
    { provide: TokenBinding, useFactory: (proofs: DpopVerifier) => new TokenBinding(proofs), inject: [DpopVerifier] },
    { provide: APP_INTERCEPTOR, useClass: SupplyNonce },
  ];
}
