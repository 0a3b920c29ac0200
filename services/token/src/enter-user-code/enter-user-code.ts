import { Injectable } from '@nestjs/common';
import { Database, uuidv7 } from '@gatehouse/database';
import { Problem } from '@gatehouse/problem';
import { Clock } from '../clock.ts';
import { TokenSettings } from '../config.ts';
import type { AuthorizationRequest } from '../domain/authorization-request.ts';
import type { DeviceAuthorization } from '../domain/device-authorization.ts';
import { sourceOf, userCodeOf, WRONG_CODES_MAX, WRONG_CODES_WINDOW_S } from '../domain/user-code.ts';
import { NextInteraction } from '../protocol/next-interaction.ts';
import type { NextPage } from '../protocol/next-page.ts';
import { AuthorizationRequests } from '../store/authorization-requests.ts';
import { Clients } from '../store/clients.ts';
import { DeviceAuthorizations } from '../store/device-authorizations.ts';
import { Sessions } from '../store/sessions.ts';
import { WrongUserCodes } from '../store/wrong-user-codes.ts';

export interface EnteredCode {
  readonly typed: string;
  readonly ip: string;
  readonly browserHash: Buffer;
  readonly sessionHash: Buffer | null;
}

/** RFC 8628 3.3: the code leads to the question whether the device may come in, in this browser only. It lets nothing in. */
@Injectable()
export class EnterUserCode {
  constructor(
    private readonly devices: DeviceAuthorizations,
    private readonly wrongCodes: WrongUserCodes,
    private readonly requests: AuthorizationRequests,
    private readonly clients: Clients,
    private readonly sessions: Sessions,
    private readonly interactions: NextInteraction,
    private readonly database: Database,
    private readonly settings: TokenSettings,
    private readonly clock: Clock,
  ) {}

  /**
   * @returns null where the code is none
   * @throws Problem too-many-requests
   */
  async run(entered: EnteredCode): Promise<NextPage | null> {
    const device = await this.findOrCount(entered);
    const client = device && (await this.clients.find(device.clientId));
    if (!client) return null;
    const now = this.clock.now();
    const session = entered.sessionHash && (await this.sessions.find(entered.sessionHash, now));
    const request = this.requestFor(device);
    const interaction = await this.interactions.of(request, client, session, now);
    const pending = { ...request, id: uuidv7(), requestedAt: now, pushedHash: null, deviceGrantId: device.grantId };
    await this.requests.add(pending, entered.browserHash, device.expiresAt);
    return { path: interaction === 'login' ? '/login' : '/consent', requestId: pending.id };
  }

  /** Guesses of one source come one after another, so that many at once are not more than the limit (RFC 8628 5.1). */
  private async findOrCount({ typed, ip }: EnteredCode): Promise<DeviceAuthorization | null> {
    const source = sourceOf(ip);
    const code = userCodeOf(typed);
    const now = this.clock.now();
    const device = code === null ? null : await this.devices.findPending(code, now);
    return this.database.change([`user-code:${source}`], async (tx) => {
      const since = new Date(now.getTime() - WRONG_CODES_WINDOW_S * 1_000);
      if ((await this.wrongCodes.countSince(tx, source, since)) >= WRONG_CODES_MAX) throw tooMany();
      if (!device) await this.wrongCodes.record(tx, source, now);
      return device;
    });
  }

  /** The person is always asked, whatever they agreed to before: the code may come from somebody else (RFC 8628 5.4). */
  private requestFor({ clientId, scope, resources, authorizationDetails }: DeviceAuthorization): AuthorizationRequest {
    return {
      clientId,
      scope,
      resources,
      redirectUri: `${this.settings.issuer}/device`,
      state: null,
      responseMode: 'query',
      nonce: null,
      codeChallenge: null,
      prompt: ['consent'],
      maxAgeS: null,
      loginHint: null,
      hintedAccountId: null,
      claims: null,
      authorizationDetails,
      dpopJkt: null,
    };
  }
}

function tooMany(): Problem {
  return new Problem('too-many-requests', {
    detail: 'Too many wrong codes were entered from your network. Please try again in ten minutes.',
    retryAfterSeconds: WRONG_CODES_WINDOW_S,
  });
}
