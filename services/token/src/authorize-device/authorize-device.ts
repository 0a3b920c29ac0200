import { Injectable } from '@nestjs/common';
import { deviceAuthorizationRequested, type authorizeDevice, type InputOf, type OutputOf } from '@gatehouse/contracts';
import { Database, uuidv7 } from '@gatehouse/database';
import { Outbox } from '@gatehouse/messaging';
import { OAuthError } from '@gatehouse/problem';
import { Clock } from '../clock.ts';
import { TokenSettings } from '../config.ts';
import { mayUse, type Client } from '../domain/client.ts';
import { DEVICE_AUTHORIZATION_LIFETIME_S, POLL_INTERVAL_S } from '../domain/device-authorization.ts';
import { hashOf } from '../domain/opaque-token.ts';
import { requestedAccess } from '../domain/token-target.ts';
import { displayedUserCode } from '../domain/user-code.ts';
import { KnownResources } from '../protocol/known-resources.ts';
import { newToken, newUserCode } from '../protocol/new-token.ts';
import { DeviceAuthorizations, type NewDeviceAuthorization } from '../store/device-authorizations.ts';

export type DeviceCodes = OutputOf<typeof authorizeDevice>;

/** RFC 8628 3.1 and 3.2. */
@Injectable()
export class AuthorizeDevice {
  constructor(
    private readonly devices: DeviceAuthorizations,
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly known: KnownResources,
    private readonly settings: TokenSettings,
    private readonly clock: Clock,
  ) {}

  /** @throws OAuthError */
  async run(form: InputOf<typeof authorizeDevice>['form'], client: Client): Promise<DeviceCodes> {
    if (!mayUse(client, 'urn:ietf:params:oauth:grant-type:device_code'))
      throw new OAuthError('unauthorized_client', 'the client is not registered for the device grant');
    const access = requestedAccess(form, { client, resources: await this.known.current() });
    const deviceCode = newToken('device');
    const userCode = await this.add(deviceCode, {
      grantId: uuidv7(),
      clientId: client.id,
      ...access,
      intervalS: POLL_INTERVAL_S,
      expiresAt: new Date(this.clock.now().getTime() + DEVICE_AUTHORIZATION_LIFETIME_S * 1_000),
    });
    const verificationUri = `${this.settings.issuer}/device`;
    return {
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: verificationUri,
      verification_uri_complete: `${verificationUri}?user_code=${userCode}`,
      expires_in: DEVICE_AUTHORIZATION_LIFETIME_S,
      interval: POLL_INTERVAL_S,
    };
  }

  /** @returns the user code as it is shown; drawn again where another device has it */
  private async add(deviceCode: string, authorization: Omit<NewDeviceAuthorization, 'userCode'>): Promise<string> {
    const userCode = newUserCode();
    const added = await this.database.change([authorization.grantId], async (tx) => {
      if (!(await this.devices.add(tx, hashOf(deviceCode), { ...authorization, userCode }))) return false;
      await this.outbox.append(tx, deviceAuthorizationRequested, {
        grant_id: authorization.grantId,
        client_id: authorization.clientId,
        scope: [...authorization.scope],
        expires_at: authorization.expiresAt.toISOString(),
      });
      return true;
    });
    return added ? displayedUserCode(userCode) : this.add(deviceCode, authorization);
  }
}
