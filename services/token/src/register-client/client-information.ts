import type { ClientInformation } from '@gatehouse/contracts';
import type { WithSecret } from '../protocol/client-registry.ts';

interface Registration extends WithSecret {
  readonly registrationToken: string;
  readonly issuer: string;
}

/** RFC 7591 3.2.1 and RFC 7592 3. A secret is stored as its hash, so only the request that made it shows it. */
export function clientInformation({ client, secret, registrationToken, issuer }: Registration): ClientInformation {
  return {
    ...client.metadata,
    client_id: client.id,
    client_id_issued_at: Math.floor(client.createdAt.getTime() / 1_000),
    ...(secret !== null && { client_secret: secret, client_secret_expires_at: 0 }),
    registration_access_token: registrationToken,
    registration_client_uri: `${issuer}/oauth/register/${encodeURIComponent(client.id)}`,
  };
}
