import { Injectable } from '@nestjs/common';
import type { TokenRequest } from '@gatehouse/contracts';
import { Database, type Tx } from '@gatehouse/database';
import { OAuthError } from '@gatehouse/problem';
import { Clock } from '../../clock.ts';
import type { Client } from '../../domain/client.ts';
import type { Confirmation } from '../../domain/confirmation.ts';
import { decidePoll, type DeviceApproval, type DeviceAuthorization, type PollRefusal } from '../../domain/device-authorization.ts'; // prettier-ignore
import { hashOf } from '../../domain/opaque-token.ts';
import { GrantTokens, type GrantResponse } from '../../protocol/grant-tokens.ts';
import { NewGrants, type GrantExchange } from '../../protocol/new-grants.ts';
import { TokenLimits } from '../../protocol/token-limits.ts';
import { TokenTargets } from '../../protocol/token-targets.ts';
import { DeviceAuthorizations } from '../../store/device-authorizations.ts';
import { required, type TokenGrant, type TokenResponse } from '../token-grant.ts';

/** RFC 8628 3.4: a device asks until a person has let it in, and gets its tokens once. */
@Injectable()
export class DeviceCodeGrant implements TokenGrant {
  readonly type = 'urn:ietf:params:oauth:grant-type:device_code';

  constructor(
    private readonly devices: DeviceAuthorizations,
    private readonly newGrants: NewGrants,
    private readonly tokens: GrantTokens,
    private readonly database: Database,
    private readonly limits: TokenLimits,
    private readonly targets: TokenTargets,
    private readonly clock: Clock,
  ) {}

  async handle(request: TokenRequest, client: Client, confirmation: Confirmation | null): Promise<TokenResponse> {
    const device = await this.devices.findByDeviceCode(hashOf(required(request, 'device_code')));
    await this.limits.poll(device?.clientId === client.id ? device.grantId : undefined, client);
    if (device?.clientId !== client.id) throw refusalOf('invalid_grant');
    const target = await this.targets.of({ ...request, scope: undefined }, client, device);
    const exchange = { client, target, confirmation, nonce: null };
    const outcome = await this.database.change([device.grantId], (tx) => this.poll(tx, device.grantId, exchange));
    if (typeof outcome === 'string') throw refusalOf(outcome);
    return this.tokens.respond(outcome, client);
  }

  /** Under the grant's lock. A refusal is returned and not thrown, because the time of the question is committed with it. */
  private async poll(tx: Tx, grantId: string, exchange: GrantExchange): Promise<GrantResponse | PollRefusal> {
    const device = await this.devices.read(tx, grantId);
    const decision = decidePoll(device, this.clock.now());
    if (decision.refusal === null) return this.createGrant(tx, device, decision.approval, exchange);
    await this.devices.recordPoll(tx, grantId, decision.intervalS, this.clock.now());
    return decision.refusal;
  }

  private async createGrant(
    tx: Tx,
    { grantId: id, clientId, scope, resources, authorizationDetails }: DeviceAuthorization,
    approval: DeviceApproval,
    exchange: GrantExchange,
  ): Promise<GrantResponse> {
    await this.devices.use(tx, id);
    const agreed = { ...approval, id, clientId, scope, resources, authorizationDetails, claims: null };
    return this.newGrants.create(tx, agreed, exchange);
  }
}

const descriptions: Readonly<Record<PollRefusal, string>> = {
  authorization_pending: 'nobody has let the device in yet',
  slow_down: 'five seconds more between two questions',
  access_denied: 'the person said no',
  expired_token: 'the device code has expired',
  invalid_grant: 'the device code is unknown, used, or of another client',
};

function refusalOf(code: PollRefusal): OAuthError {
  return new OAuthError(code, descriptions[code]);
}
