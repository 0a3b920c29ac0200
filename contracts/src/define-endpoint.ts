import type { z } from 'zod';
import type { Permission } from './define-permission.ts';
import type { Service } from './define-topic.ts';
import type { ProblemCode } from './problems.ts';

/** RFC 6749 5.2 and the error registries of the extensions. */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_response_type'
  | 'unsupported_token_type'
  | 'invalid_scope'
  | 'invalid_target'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'insufficient_user_authentication'
  | 'access_denied'
  | 'login_required'
  | 'consent_required'
  | 'interaction_required'
  | 'account_selection_required'
  | 'unmet_authentication_requirements'
  | 'request_not_supported'
  | 'request_uri_not_supported'
  | 'invalid_request_uri'
  | 'invalid_request_object'
  | 'invalid_authorization_details'
  | 'invalid_redirect_uri'
  | 'invalid_client_metadata'
  | 'authorization_pending'
  | 'slow_down'
  | 'expired_token'
  | 'invalid_dpop_proof'
  | 'use_dpop_nonce'
  | 'server_error'
  | 'temporarily_unavailable';

/** A permission that the caller's token must carry, asked of the authorization service. */
export interface RequiredPermission {
  readonly permission: Permission;
  /** Name of the path or query field that holds the organisation; without it the platform organisation is asked. */
  readonly organization?: string;
  /** Asked in the platform organisation instead, when the request leaves the field `organization` out. */
  readonly platformPermission?: Permission;
}

/**
 * `public`: anyone. `authenticated`: a valid access token for this service. `client`: OAuth client authentication,
 * done by the endpoint itself. Otherwise a token and a permission.
 */
export type Access = 'public' | 'authenticated' | 'client' | RequiredPermission;

/**
 * What an endpoint asks of the login behind a token (RFC 9470 4). A client that acts for itself has no login, so its tokens
 * are never enough; neither are exchanged ones, whose bearer is not the person.
 */
export interface RequiredAuthentication {
  /** The login must have had one of these (`acr_values_supported`). */
  readonly acrValues?: readonly string[];
  /** The login must have been within that time. */
  readonly maxAgeSeconds?: number;
}

/** Where each part of a request comes from. A body is either JSON or a form. */
export interface EndpointInput {
  readonly path?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly json?: z.ZodType;
  readonly form?: z.ZodObject;
}

export interface Endpoint<I extends EndpointInput = EndpointInput, B extends ResponseBody = ResponseBody> {
  /** `<service>.<verb>-<noun>`; also the OpenAPI operationId. */
  readonly id: string;
  readonly service: Service;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** OpenAPI style: `/api/v1/organizations/{org_id}`. */
  readonly path: string;
  readonly access: Access;
  /** For an endpoint that asks for a token: how fresh or strong the login behind it has to be. */
  readonly authentication?: RequiredAuthentication;
  /**
   * What happens while the service does not know which tokens were revoked: 503 with Retry-After unless told; with
   * `introspection` the token service is asked about the token of each request (RFC 7662).
   */
  readonly whenStale?: 'introspection';
  readonly summary: string;
  readonly description?: string;
  readonly input: I;
  readonly success: {
    readonly status: number;
    readonly body: B;
    readonly example?: unknown;
    /** The media type of the same answer as a signed JWT, which a client may ask for. */
    readonly jwt?: `application/${string}jwt`;
  };
  /** Problem codes beside the ones that every endpoint can give (validation, authentication, size, rate, unknown). */
  readonly errors: readonly ProblemCode[] | readonly OAuthErrorCode[];
  /** How errors are written; `problem` (RFC 9457) unless told. */
  readonly errorFormat?: 'problem' | 'oauth' | 'page';
  /** The handler itself refuses parameters that are given more than once (`@RepeatedParameters`); it sees the first of each. */
  readonly answersRepeated?: true;
}
/** A schema, an HTML page, a redirect (the handler sets Location), or nothing. */
export type ResponseBody = z.ZodType | 'html' | 'redirect' | 'none';

/** The parsed request that a handler of `E` receives by `@Input()`. */
export type InputOf<E extends Endpoint> = {
  [K in keyof E['input']]: E['input'][K] extends z.ZodType ? z.output<E['input'][K]> : never;
};
/** What a handler of `E` returns; more than it declares is not sent. */
export type OutputOf<E extends Endpoint> = E['success']['body'] extends z.ZodType
  ? z.input<E['success']['body']>
  : unknown;

/** Declares an endpoint once: route, guard, validation, response filter, OpenAPI and tests come from the value. */
export function defineEndpoint<const I extends EndpointInput, const B extends ResponseBody>(
  endpoint: Endpoint<I, B>,
): Endpoint<I, B> {
  return endpoint;
}
