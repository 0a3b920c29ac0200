import { Injectable } from '@nestjs/common';
import { authorize, authorizeDevice, issueToken, logIn, pushAuthorizationRequest } from '@gatehouse/contracts';
import { currentNetwork, FailureThrottle, RateLimiter, type Spending } from '@gatehouse/rate-limit';
import { TokenSettings } from '../config.ts';
import { isPublic, type Client } from '../domain/client.ts';
import { hashOf } from '../domain/opaque-token.ts';

/** What is guessed or spent here, and whose share it is. Each throws Problem too-many-requests where that is used up. */
@Injectable()
export class TokenLimits {
  constructor(
    private readonly limiter: RateLimiter,
    private readonly failures: FailureThrottle,
    private readonly settings: TokenSettings,
  ) {}

  /** A token for the client itself. */
  client({ id }: Client): Promise<void> {
    return this.limiter.spend(issueToken.path, { key: 'client', id, clientId: id });
  }

  /** An exchange of a code; a code that nobody knows is its client's guess. */
  code(grantId: string | undefined, client: Client): Promise<void> {
    if (grantId === undefined) return this.client(client);
    return this.limiter.spend(issueToken.path, { key: 'grant', id: grantId, clientId: client.id });
  }

  /** A device that asks whether it may come in; a device code that nobody knows is its client's guess. */
  poll(grantId: string | undefined, client: Client): Promise<void> {
    if (grantId === undefined) return this.client(client);
    return this.limiter.spend(issueToken.path, { key: 'poll', id: grantId, clientId: client.id });
  }

  /** A request that is kept until a person comes (RFC 8628 3.1, RFC 9126 2). */
  keeping({ path }: typeof authorizeDevice | typeof pushAuthorizationRequest, client: Client): Promise<void> {
    const { id: clientId } = client;
    // Anyone can say that they are a public client, and must not use up what its other users need.
    if (isPublic(client)) return this.limiter.spend(path, { key: 'ip', id: currentNetwork(), clientId });
    return this.limiter.spend(path, { key: 'client', id: clientId, clientId });
  }

  /**
   * A refresh. The same token again within the grace window is a retry and costs nothing, so that parallel refreshes
   * are all answered; which of them is the first, the bucket decides in one step.
   */
  refresh(grantId: string, presented: string, client: Client): Promise<void> {
    const mark = { id: shortHash(presented), forMs: this.settings.refreshGraceMs };
    return this.limiter.spend(issueToken.path, { key: 'grant', id: grantId, clientId: client.id, mark });
  }

  /** An attempt to log in, whether or not there is such an account. The address is kept as a hash. */
  login(addressKey: string, clientId: string): Promise<void> {
    return this.limiter.spend(
      logIn.path,
      { key: 'account', id: shortHash(addressKey), clientId },
      { key: 'ip', id: currentNetwork(), clientId },
    );
  }

  /** A document of a client that has to be fetched: of somebody else's choice, and stored. */
  document(id: string): Promise<void> {
    return this.limiter.spend(authorize.path, { key: 'ip', id: currentNetwork(), clientId: id });
  }

  /** Before a client's credentials are looked at; no I/O. */
  authentication(clientId: string): void {
    this.failures.admit(issueToken.path, () => failuresOf(clientId));
  }

  /** After they were wrong, the same for a client that does not exist. */
  failedAuthentication(clientId: string): Promise<void> {
    return this.failures.failed(issueToken.path, failuresOf(clientId));
  }
}

/** Per client and network, so that a stranger elsewhere cannot lock a client out; and per network, for all clients. */
function failuresOf(clientId: string): Spending[] {
  const network = currentNetwork();
  return [
    { key: 'failed-client', id: `${network}:${shortHash(clientId)}`, clientId },
    { key: 'failed-ip', id: network, clientId },
  ];
}

function shortHash(text: string): string {
  return hashOf(text).toString('base64url').slice(0, 22);
}
