import { createSuite } from '@gatehouse/testing';
import type { Suite } from '@gatehouse/testing';
import { registerPerson } from '../journeys/journey.ts';
import { startServices, stopServices } from '../platform/service-process.ts';
import type { Services } from '../platform/service-process.ts';
import { destinationOf, sinkMailbox } from '../platform/suite-destination.ts';

/** Gatehouse as a certification suite meets it: an issuer that takes registrations, and a person who can log in. */
export class Provider {
  private constructor(
    private readonly suite: Suite,
    private readonly services: Services,
    readonly person: { readonly email: string; readonly password: string },
  ) {}

  /** The clients of the certification suites send no PKCE (OAuth 2.1 7.6 leaves that to the registration policy). */
  static async start(): Promise<Provider> {
    const suite = await createSuite('conformance');
    const settings = { CLIENT_REGISTRATION: 'open', CLIENT_REGISTRATION_PKCE_REQUIRED: 'false' };
    const services = await startServices(suite, settings);
    const person = await registerPerson(destinationOf(suite), sinkMailbox(suite));
    return new Provider(suite, services, person);
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

  async stop(): Promise<void> {
    await stopServices(this.services);
    await this.suite.dispose();
  }
}
