import { Injectable } from '@nestjs/common';
import { signingAlgorithms, type AuthorizationParameters } from '@gatehouse/contracts';
import { OAuthError } from '@gatehouse/problem';
import { compactVerify, errors } from 'jose';
import { z } from 'zod';
import { Clock } from '../clock.ts';
import { TokenSettings } from '../config.ts';
import { mustSignRequests, type Client } from '../domain/client.ts';
import { isRequestObjectType, requestOfObject } from '../domain/request-object.ts';
import { ClientKeys } from './client-keys.ts';

const claimSet = z.record(z.string(), z.unknown());

/** Authorization requests that come as JWTs of the client (RFC 9101, OIDC Core 6). */
@Injectable()
export class RequestObjects {
  constructor(
    private readonly keys: ClientKeys,
    private readonly settings: TokenSettings,
    private readonly clock: Clock,
  ) {}

  /**
   * The parameters that count: those inside of the request object, where there is one.
   * @throws OAuthError invalid_request_object, request_uri_not_supported; invalid_request where the client must sign
   */
  async read(parameters: AuthorizationParameters, client: Client): Promise<AuthorizationParameters> {
    const { request, request_uri } = parameters;
    if (request_uri !== undefined)
      throw new OAuthError('request_uri_not_supported', 'requests are pushed (RFC 9126), not fetched');
    if (request !== undefined) return this.open(request, parameters, client);
    if (mustSignRequests(client))
      throw new OAuthError('invalid_request', 'the client must sign its requests (RFC 9101)');
    return parameters;
  }

  private async open(
    request: string,
    outside: AuthorizationParameters,
    client: Client,
  ): Promise<AuthorizationParameters> {
    const claims = await this.verified(request, client);
    const nowS = this.clock.now().getTime() / 1_000;
    return requestOfObject(claims, outside, client, { issuer: this.settings.issuer, nowS });
  }

  private async verified(request: string, client: Client): Promise<z.output<typeof claimSet>> {
    try {
      const { payload, protectedHeader } = await compactVerify(request, (header) => this.keys.find(client, header), {
        algorithms: algorithmsOf(client),
      });
      if (!isRequestObjectType(protectedHeader.typ)) throw new errors.JWTInvalid('typ is of another kind of JWT');
      return claimSet.parse(JSON.parse(new TextDecoder().decode(payload)));
    } catch (error) {
      const foreseen = [errors.JOSEError, OAuthError, SyntaxError, z.ZodError].some((type) => error instanceof type);
      throw foreseen ? refused(error) : error;
    }
  }
}

/** The one that the client registered, else any of ours, never `none`; FAPI 2.0 5.4.1 leaves out RS256. */
function algorithmsOf({ metadata, securityProfile }: Client): string[] {
  const { request_object_signing_alg: registered } = metadata;
  const allowed = registered === undefined ? [...signingAlgorithms] : [registered];
  return allowed.filter((algorithm) => !(securityProfile === 'fapi2' && algorithm === 'RS256'));
}

function refused(cause: unknown): OAuthError {
  const { description = 'it is not signed by the client as it has registered' } =
    cause instanceof OAuthError ? cause : {};
  return new OAuthError('invalid_request_object', `the request object is refused: ${description}`, { cause });
}
