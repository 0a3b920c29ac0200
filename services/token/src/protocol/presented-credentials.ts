import { clientId } from '@gatehouse/contracts';
import type { ClientCertificate } from '@gatehouse/http';
import { OAuthError } from '@gatehouse/problem';
import { CLIENT_ASSERTION_TYPE, clientIdOf } from './client-assertions.ts';

/** The parts of a request by which a client proves who it is. */
export interface PresentedCredentials {
  readonly authorization?: string | undefined;
  readonly client_id?: string | undefined;
  readonly client_secret?: string | undefined;
  readonly client_assertion_type?: string | undefined;
  readonly client_assertion?: string | undefined;
}

/** What one method of authentication shows; `none` shows nothing but the id. */
export type Credentials =
  | { readonly method: 'client_secret_basic' | 'client_secret_post'; readonly id: string; readonly secret: string }
  | { readonly method: 'client_assertion'; readonly id: string; readonly assertion: string }
  | { readonly method: 'client_certificate'; readonly id: string; readonly certificate: ClientCertificate }
  | { readonly method: 'none'; readonly id: string };

/** As in the form: what is refused there must not come in by another way, into logs and the database. */
const isClientId = (id: string) => clientId.min(1).safeParse(id).success;

/** Whether there is anything that is meant as a proof, good or bad; a mere client_id is none. */
export function showsCredentials(presented: PresentedCredentials): boolean {
  const { authorization, client_secret, client_assertion, client_assertion_type } = presented;
  return [authorization, client_secret, client_assertion, client_assertion_type].some((one) => one !== undefined);
}

/**
 * RFC 6749 2.3: one method for each request. A certificate that comes beside a secret or an assertion is no second one: tokens
 * may be bound to it (RFC 8705 3).
 */
export function credentialsOf(presented: PresentedCredentials, certificate: ClientCertificate | null): Credentials {
  const { authorization, client_id, client_secret, client_assertion, client_assertion_type } = presented;
  const methods = [authorization, client_secret, client_assertion ?? client_assertion_type];
  if (methods.filter((one) => one !== undefined).length > 1)
    throw new OAuthError('invalid_request', 'two methods of client authentication');
  if (authorization !== undefined) return basicCredentials(authorization, client_id);
  if (client_assertion !== undefined || client_assertion_type !== undefined) return assertionCredentials(presented);
  if (client_id === undefined) throw refusal('client authentication is required');
  if (client_secret === undefined) return uncredentialed(client_id, certificate);
  return { method: 'client_secret_post', id: client_id, secret: client_secret };
}

/** RFC 8705 2: the client names itself, and the connection proves it. */
function uncredentialed(id: string, certificate: ClientCertificate | null): Credentials {
  return certificate ? { method: 'client_certificate', id, certificate } : { method: 'none', id };
}

/** RFC 7521 4.2: the assertion's subject is the client; `client_id` may say the same and nothing else. */
function assertionCredentials({
  client_id,
  client_assertion,
  client_assertion_type,
}: PresentedCredentials): Credentials {
  if (client_assertion === undefined) throw new OAuthError('invalid_request', 'client_assertion is missing');
  if (client_assertion_type !== CLIENT_ASSERTION_TYPE)
    throw new OAuthError('invalid_request', `client_assertion_type is ${CLIENT_ASSERTION_TYPE}`);
  const id = clientIdOf(client_assertion);
  if (id === undefined || !isClientId(id)) throw refusal('the assertion is no JWT about a client');
  if (client_id !== undefined && client_id !== id)
    throw new OAuthError('invalid_request', 'client_id is not the subject of the assertion');
  return { method: 'client_assertion', id, assertion: client_assertion };
}

/** RFC 6749 2.3.1: both parts are form-encoded inside the Base64 of RFC 7617. */
function basicCredentials(authorization: string, formId: string | undefined): Credentials {
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization)?.[1];
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) throw refusal('the Authorization header is not of the Basic scheme');
  const [id, secret] = [formDecode(text.slice(0, colon)), formDecode(text.slice(colon + 1))];
  if (!isClientId(id)) throw refusal('the client id has characters that are not allowed');
  if (formId !== undefined && formId !== id)
    throw new OAuthError('invalid_request', 'client_id is not the one in the Authorization header');
  return { method: 'client_secret_basic', id, secret };
}

function formDecode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw refusal('the credentials are not form-encoded');
  }
}

/** RFC 6749 5.2 and RFC 9110 11.6.1. */
export function refusal(description: string, { recorded = false } = {}): OAuthError {
  return new OAuthError('invalid_client', description, {
    recorded,
    headers: { 'www-authenticate': 'Basic realm="gatehouse", charset="UTF-8"' },
  });
}
