import { z } from 'zod';
import { clientMetadata } from '../../client-metadata.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { text } from '../../input-values.ts';
import { clientPath } from './client-resource.ts';

const headers = z.object({ authorization: text(4_096).optional() });
/** Members that are not known are ignored (RFC 7591 2), so the body is checked as metadata by the use case. */
const json = z.looseObject({}).describe('client metadata (RFC 7591 2)');

/** RFC 7591 3.2.1 and RFC 7592 3: everything that counts, also where the client did not ask for it. */
const clientInformation = clientMetadata.extend({
  client_id: z.string(),
  client_secret: z.string().optional().describe('shown once, where the request made one'),
  client_secret_expires_at: z.literal(0).optional().describe('0: never; beside client_secret'),
  client_id_issued_at: z.int().describe('seconds since the epoch'),
  registration_access_token: z.string(),
  registration_client_uri: z.url(),
});
export type ClientInformation = z.input<typeof clientInformation>;

/**
 * RFC 7591. CLIENT_REGISTRATION decides who may: anyone, the holder of an initial access token (else 401 as in RFC 6750), or
 * nobody (403, since RFC 7591 has no error for it).
 */
export const registerClient = defineEndpoint({
  id: 'token.register-client',
  service: 'token',
  method: 'POST',
  path: '/oauth/register',
  access: 'public',
  summary: 'Register a client dynamically.',
  input: { headers, json },
  success: { status: 201, body: clientInformation },
  errors: ['invalid_redirect_uri', 'invalid_client_metadata', 'invalid_token', 'access_denied'],
  errorFormat: 'oauth',
});

const managed = {
  service: 'token',
  path: '/oauth/register/{client_id}',
  access: 'client',
  errorFormat: 'oauth',
} as const;

/** RFC 7592 2.1. */
export const readRegistration = defineEndpoint({
  ...managed,
  id: 'token.read-registration',
  method: 'GET',
  summary: 'A client reads its registration.',
  input: { path: clientPath, headers },
  success: { status: 200, body: clientInformation },
  errors: ['invalid_token'],
});

/** RFC 7592 2.2: the metadata as a whole. The answer has a new registration access token; the old one is over. */
export const changeRegistration = defineEndpoint({
  ...managed,
  id: 'token.change-registration',
  method: 'PUT',
  summary: 'A client replaces its registration.',
  input: { path: clientPath, headers, json },
  success: { status: 200, body: clientInformation },
  errors: ['invalid_redirect_uri', 'invalid_client_metadata', 'invalid_token'],
});

/** RFC 7592 2.3. */
export const deleteRegistration = defineEndpoint({
  ...managed,
  id: 'token.delete-registration',
  method: 'DELETE',
  summary: 'A client removes itself.',
  input: { path: clientPath, headers },
  success: { status: 204, body: 'none' },
  errors: ['invalid_token'],
});
