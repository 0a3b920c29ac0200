import { AuthorizationCodeGrant } from './grants/authorization-code.grant.ts';
import { ClientCredentialsGrant } from './grants/client-credentials.grant.ts';
import { DeviceCodeGrant } from './grants/device-code.grant.ts';
import { JwtBearerGrant } from './grants/jwt-bearer.grant.ts';
import { RefreshTokenGrant } from './grants/refresh-token.grant.ts';
import { TokenExchangeGrant } from './grants/token-exchange.grant.ts';

/** Every grant that the token endpoint takes, the only list. */
export const tokenGrants = [
  AuthorizationCodeGrant,
  ClientCredentialsGrant,
  DeviceCodeGrant,
  JwtBearerGrant,
  RefreshTokenGrant,
  TokenExchangeGrant,
] as const;
