import { Injectable } from '@nestjs/common';
import { html, page, Redirect, type Page } from '@gatehouse/http';
import { Clock } from '../clock.ts';
import { TokenSettings } from '../config.ts';
import {
  isFormPost,
  isSigned,
  responseLocation,
  signedResponse,
  signedResponseClaims,
  type AuthorizationResponse,
} from '../domain/authorization-response.ts';
import { Clients } from '../store/clients.ts';
import { KeyRing } from './key-ring.ts';

/** Where the browser goes next: back to the client with its answer, or to a page of ours. */
export type NextPage = AuthorizationResponse | { readonly path: '/login' | '/consent'; readonly requestId: string };

@Injectable()
export class NextPages {
  constructor(
    private readonly clients: Clients,
    private readonly keys: KeyRing,
    private readonly settings: TokenSettings,
    private readonly clock: Clock,
  ) {}

  /** Where the client asked for a signed answer it gets no other, an error included. */
  async show(next: NextPage): Promise<Page | Redirect> {
    if ('path' in next) return new Redirect(`${this.settings.issuer}${next.path}?request=${next.requestId}`);
    const response = isSigned(next.to) ? await this.sign(next) : next;
    return isFormPost(response.to) ? formPost(response) : new Redirect(responseLocation(response));
  }

  /** JARM 2.1, with the algorithm that the client registered. */
  private async sign(response: AuthorizationResponse): Promise<AuthorizationResponse> {
    const { clientId } = response.to;
    const client = this.clients.remembered(clientId) ?? (await this.clients.find(clientId));
    const claims = signedResponseClaims(response, this.settings.issuer, this.clock.now());
    return signedResponse(response, this.keys.sign('JWT', claims, client?.metadata.authorization_signed_response_alg));
  }
}

/** Browsers hold the redirect after a form to the policy for forms, so the client's origin must be in it. */
export function formOriginOf(redirectUri: string): string {
  const { protocol, origin } = new URL(redirectUri);
  return origin === 'null' ? protocol : origin;
}

/** OAuth 2.0 Form Post Response Mode 2. Without scripts the person presses the button. */
function formPost({ to, parameters }: AuthorizationResponse): Page {
  const inputs = Object.entries(parameters).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  );
  const body = html`<form method="post" action="${to.redirectUri}">
    ${inputs}
    <button type="submit">Continue</button>
  </form>`;
  const submitAtOnce = 'document.forms[0].submit()';
  const formAction = [formOriginOf(to.redirectUri)];
  return page('Back to the application', body, { status: 200, formAction, script: submitAtOnce });
}
