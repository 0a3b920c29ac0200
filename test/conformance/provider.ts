import { createSuite, eventually } from '@gatehouse/testing';
import type { Suite } from '@gatehouse/testing';
import pg from 'pg';
import { registerPerson } from '../journeys/journey.ts';
import { startServices, stopServices } from '../platform/service-process.ts';
import type { Services } from '../platform/service-process.ts';
import { destinationOf, sinkMailbox } from '../platform/suite-destination.ts';
import { LogoutReceiver } from './logout-receiver.ts';

/** Gatehouse as a certification suite meets it: an issuer that takes registrations, and a person who can log in. */
export class Provider {
  private constructor(
    private readonly suite: Suite,
    private readonly services: Services,
    readonly logoutReceiver: LogoutReceiver,
    readonly person: { readonly email: string; readonly password: string },
  ) {}

  /** The clients of the certification suites send no PKCE (OAuth 2.1 7.6 leaves that to the registration policy). */
  static async start(): Promise<Provider> {
    const suite = await createSuite('conformance');
    const logoutReceiver = await LogoutReceiver.start();
    const settings = {
      CLIENT_REGISTRATION: 'open',
      CLIENT_REGISTRATION_PKCE_REQUIRED: 'false',
      OUTBOUND_ALLOWED: logoutReceiver.host,
    };
    const services = await startServices(suite, settings);
    const person = await registerPerson(destinationOf(suite), sinkMailbox(suite));
    const provider = new Provider(suite, services, logoutReceiver, person);
    await eventually(() => provider.personMayLogIn(), { within: '30s' });
    return provider;
  }

  get issuer(): string {
    return this.suite.url('token');
  }

  /** A service that tokens can be for. */
  get resource(): string {
    return this.suite.url('authorization');
  }

  /** A client with the permissions of an administrator. */
  get administrator(): { readonly id: string; readonly secret: string } {
    return destinationOf(this.suite).clients.admin;
  }

  /** @returns the id of a client that an administrator registers, with what only an operator decides */
  async registerClient(client: {
    metadata: Record<string, unknown>;
    policy: Record<string, unknown>;
  }): Promise<string> {
    const { id, secret } = this.administrator;
    const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
    const grant = new URLSearchParams({ grant_type: 'client_credentials' });
    const token = await fetch(`${this.issuer}/oauth/token`, {
      method: 'POST',
      headers: { authorization },
      body: grant,
    });
    const { access_token } = (await token.json()) as { access_token: string };
    const response = await fetch(`${this.issuer}/api/v1/clients`, {
      method: 'POST',
      headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify(client),
    });
    if (response.status !== 201) throw new Error(`${response.status}: ${await response.text()}`);
    return ((await response.json()) as { client_id: string }).client_id;
  }

  /** As if a minute had passed for what clients have pushed and for the codes that they have got. */
  async expireRequestsAndCodes(): Promise<void> {
    for (const table of ['pushed_request', 'authorization_code'])
      await this.sql(`UPDATE ${table} SET expires_at = expires_at - interval '1 minute'`);
  }

  /** The proof of the address comes by an event, some time after its link was opened. */
  private async personMayLogIn(): Promise<boolean> {
    const verified = 'SELECT FROM account WHERE address = $1 AND verified_at IS NOT NULL';
    return (await this.sql(verified, [this.person.email])).length > 0;
  }

  private async sql(text: string, values: readonly string[] = []): Promise<unknown[]> {
    const database = new pg.Client({ connectionString: this.suite.databaseUrl('token') });
    await database.connect();
    try {
      return (await database.query<Record<string, unknown>>(text, [...values])).rows;
    } finally {
      await database.end();
    }
  }

  async stop(): Promise<void> {
    await stopServices(this.services);
    await this.logoutReceiver.stop();
    await this.suite.dispose();
  }
}
