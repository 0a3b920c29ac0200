import { randomUUID } from 'node:crypto';
import type { Endpoint, ProblemCode } from '@gatehouse/contracts';
import { z } from 'zod';
import type { TokenForge } from './forged-tokens.ts';
import { readMatrix } from './permission-matrix.ts';
import type { MatrixRequest } from './permission-matrix.ts';

/** What the table changes in a request that has nothing else wrong. */
export interface BadPart {
  /** In place of every parameter of the path. */
  readonly parameter?: string;
  /** Added to the query. */
  readonly query?: string;
  readonly contentType?: string | null;
  readonly body?: string | Buffer;
  readonly token?: string;
}

export interface BadInput {
  readonly is: string;
  /** Whether the endpoint has what is made wrong. */
  concerns(endpoint: Endpoint): boolean;
  of(endpoint: Endpoint, forge: TokenForge): BadPart;
  readonly code: ProblemCode;
  /** Where a problem must say that the mistake is, each once; undefined where no single place is wrong. */
  places?(endpoint: Endpoint): string[];
}

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';
const NOT_UTF8 = Buffer.from([0xc3, 0x28]);
const MEGABYTES_2 = 2_000_000;

const takesJson = ({ input }: Endpoint) => input.json !== undefined;
const takesForm = ({ input }: Endpoint) => input.form !== undefined;
const takesBody = (endpoint: Endpoint) => takesJson(endpoint) || takesForm(endpoint);
export const saysProblems = ({ errorFormat }: Endpoint) => (errorFormat ?? 'problem') === 'problem';
export const needsToken = ({ access }: Endpoint) => access === 'authenticated' || typeof access === 'object';
const contentTypeOf = (endpoint: Endpoint) => (takesJson(endpoint) ? JSON_TYPE : FORM_TYPE);
const around = (bytes: Buffer, endpoint: Endpoint) =>
  takesJson(endpoint)
    ? Buffer.concat([Buffer.from('{"surprise":"'), bytes, Buffer.from('"}')])
    : Buffer.concat([Buffer.from('surprise='), bytes]);

/** The fields that an endpoint's JSON may have. */
function fieldsOf({ id, input }: Endpoint): string[] {
  if (!(input.json instanceof z.ZodObject)) throw new Error(`the body of ${id} is no object`);
  return Object.keys(input.json.shape);
}

/** Client metadata declares no field: unknown ones are ignored (RFC 7591 2), and its own specs say what wrong ones become. */
const takesFields = (endpoint: Endpoint) => takesJson(endpoint) && fieldsOf(endpoint).length > 0;

/** Forms have no row of unknown fields: there they are ignored, as RFC 6749 3.1 says. */
const badBodies: readonly BadInput[] = [
  {
    is: 'an unknown field',
    code: 'invalid-input',
    concerns: takesFields,
    of: (endpoint) => ({ body: JSON.stringify({ ...(goodRequest(endpoint).json as object), surprise: true }) }),
    places: () => ['#/surprise'],
  },
  {
    is: 'a wrong type in every field',
    code: 'invalid-input',
    concerns: takesFields,
    of: (endpoint) => ({ body: JSON.stringify(Object.fromEntries(fieldsOf(endpoint).map((name) => [name, [[]]]))) }),
    places: (endpoint) => fieldsOf(endpoint).map((name) => `#/${name}`),
  },
  { is: 'a list in place of an object', code: 'invalid-input', concerns: takesJson, of: () => ({ body: '[]' }), places: () => ['#'] }, // prettier-ignore
  { is: 'no body', code: 'invalid-input', concerns: takesJson, of: () => ({ body: '' }), places: () => ['#'] },
  { is: 'invalid JSON', code: 'invalid-input', concerns: takesJson, of: () => ({ body: '{"surprise":' }) },
  { is: 'a form with a field twice', code: 'invalid-input', concerns: takesForm, of: () => ({ body: 'twice=1&twice=2' }) }, // prettier-ignore
  {
    is: 'a form with values that are far too long',
    code: 'invalid-input',
    concerns: ({ input }) => input.form !== undefined && Object.keys(input.form.shape).length > 0,
    of: ({ input }) => ({
      body: Object.keys(input.form?.shape ?? {})
        .map((name) => `${name}=${'x'.repeat(10_000)}`)
        .join('&'),
    }),
  },
  { is: 'a form with invalid UTF-8 in percent-encoding', code: 'invalid-input', concerns: takesForm, of: () => ({ body: 'surprise=%C3%28' }) }, // prettier-ignore
  { is: 'invalid UTF-8', code: 'invalid-input', concerns: takesBody, of: (endpoint) => ({ body: around(NOT_UTF8, endpoint) }) }, // prettier-ignore
  {
    is: 'a body of 2 MB',
    code: 'body-too-large',
    concerns: takesBody,
    of: (endpoint) => ({ body: around(Buffer.alloc(MEGABYTES_2, 'x'), endpoint) }),
  },
  { is: 'an unknown content type', code: 'unsupported-media-type', concerns: takesBody, of: () => ({ contentType: 'application/xml', body: '<surprise/>' }) }, // prettier-ignore
  { is: 'no content type', code: 'unsupported-media-type', concerns: takesBody, of: () => ({ contentType: null, body: 'surprise' }) }, // prettier-ignore
  {
    is: 'the content type of the other kind of body',
    code: 'unsupported-media-type',
    concerns: takesBody,
    of: (endpoint) => (takesJson(endpoint) ? { contentType: FORM_TYPE, body: 'a=1' } : { contentType: JSON_TYPE, body: '{}' }), // prettier-ignore
  },
  { is: 'another charset', code: 'unsupported-media-type', concerns: takesBody, of: (endpoint) => ({ contentType: `${contentTypeOf(endpoint)}; charset=utf-16`, body: 'surprise' }) }, // prettier-ignore
  {
    is: 'a body where none is declared',
    code: 'unsupported-media-type',
    concerns: (endpoint) => !takesBody(endpoint) && endpoint.method !== 'GET',
    of: () => ({ contentType: JSON_TYPE, body: '{}' }),
  },
];

const badTargets: readonly BadInput[] = [
  {
    is: 'a blank in place of every id',
    code: 'invalid-input',
    concerns: ({ path }) => path.includes('{'),
    of: () => ({ parameter: '%20' }),
  },
  {
    is: 'an unknown query parameter',
    code: 'invalid-input',
    concerns: saysProblems,
    of: () => ({ query: 'surprise=1' }),
    places: () => ['surprise'],
  },
  {
    is: 'invalid UTF-8 in the query',
    code: 'invalid-input',
    concerns: (endpoint) => saysProblems(endpoint) || endpoint.input.query !== undefined,
    of: () => ({ query: 'surprise=%C3%28' }),
  },
];

const badToken = (is: string, token: (endpoint: Endpoint, forge: TokenForge) => string): BadInput => ({
  is: `a token ${is}`,
  code: 'unauthenticated',
  concerns: needsToken,
  of: (endpoint, forge) => ({ token: token(endpoint, forge) }),
});

const badTokens: readonly BadInput[] = [
  badToken('that has expired', ({ service }, forge) => forge.expired(service)),
  badToken('of another issuer', ({ service }, forge) =>
    forge.token(service, { claims: { iss: 'http://127.0.0.1:1' } }),
  ),
  badToken('signed with a foreign key', ({ service }, forge) => forge.foreign(service)),
  badToken('with a foreign key id', ({ service }, forge) => forge.token(service, { header: { kid: randomUUID() } })),
  badToken('for another service', ({ service }, forge) =>
    forge.token(service === 'authorization' ? 'audit-log' : 'authorization'),
  ),
  badToken('of another type', ({ service }, forge) => forge.token(service, { header: { typ: 'JWT' } })),
  badToken('with alg none', ({ service }, forge) => forge.unsigned(service)),
  badToken('with an HMAC made with the public key', ({ service }, forge) => forge.hmacWithPublicKey(service)),
  badToken('that is none', () => 'surprise'),
];

/** The table. */
export const badInputs: readonly BadInput[] = [...badBodies, ...badTargets, ...badTokens];

const matrix = readMatrix();
const flow_id = randomUUID();
const nothing: MatrixRequest = {
  path: { flow_id, token: 'x'.repeat(43), client_id: 'surprise' },
  query: {},
  answers: 0,
};
/** Requests of endpoints that the permission matrix has no business with. */
const publicRequests: Readonly<Record<string, unknown>> = {
  'token.register-account': { email: 'surprise@example.com', password: 'correct horse battery staple' },
  'token.register-client': { redirect_uris: ['https://surprise.example/callback'] },
  'token.change-registration': { redirect_uris: ['https://surprise.example/callback'] },
  'email-verification.confirm-verification': { code: 'ABCD-1234' },
};

/** A request to which the endpoint would not object: its JSON is good, what it is about exists where it has to. */
export function goodRequest(endpoint: Endpoint): MatrixRequest {
  const rows = [...Object.values(matrix.permissions).map((row) => row.endpoints), matrix.authenticated];
  const known = rows.map((row) => row[endpoint.id]).find((request) => request !== undefined);
  if (known) return known;
  const json = publicRequests[endpoint.id];
  if (needsToken(endpoint) || (takesJson(endpoint) && !json)) throw new Error(`${endpoint.id} has no good request`);
  return { ...nothing, ...(json !== undefined && { json }) };
}

/** The content type to send: what the endpoint takes, unless the bad part says otherwise; null sends none. */
export function contentTypeFor(endpoint: Endpoint, { contentType }: BadPart): string | null {
  return contentType === undefined ? contentTypeOf(endpoint) : contentType;
}
