import type { Endpoint, OAuthErrorCode } from '../define-endpoint.ts';
import { problems, type ProblemCode } from '../problems.ts';

type Responses = Record<string, object>;

/** Answers that any endpoint can give whatever it declares. */
const ALWAYS: readonly ProblemCode[] = [
  'too-many-requests',
  'headers-too-large',
  'internal-error',
  'overloaded',
  'dependency-unavailable',
  'shutting-down',
];

/** RFC 6749 5.2: everything is 400 except failed client authentication and the server's own trouble. */
const OAUTH_STATUS: Partial<Record<OAuthErrorCode, number>> = {
  invalid_client: 401,
  invalid_token: 401,
  insufficient_scope: 403,
  server_error: 500,
  temporarily_unavailable: 503,
};

/** Every error response of an endpoint: those it declares and those that its kind implies, grouped by status. */
export function errorResponsesOf(endpoint: Endpoint): Responses {
  if (endpoint.errorFormat === 'oauth') return oauthResponses(endpoint.errors as readonly OAuthErrorCode[]);
  const codes = [...new Set([...(endpoint.errors as readonly ProblemCode[]), ...impliedBy(endpoint), ...ALWAYS])];
  const respond = endpoint.errorFormat === 'page' ? pageResponse : problemResponse;
  return byStatus(codes, (code) => problems[code].status, respond);
}

function impliedBy({ input, access, method }: Endpoint): ProblemCode[] {
  const codes: ProblemCode[] = [];
  if (Object.keys(input).length > 0) codes.push('invalid-input');
  if (input.json ?? input.form) codes.push('body-too-large', 'unsupported-media-type');
  if (access === 'authenticated' || typeof access === 'object') codes.push('unauthenticated');
  if (typeof access === 'object') codes.push('permission-denied');
  if (method !== 'GET') codes.push('event-backlog-full');
  return codes;
}

function byStatus<C extends string>(
  codes: readonly C[],
  statusOf: (code: C) => number,
  respond: (status: number, codes: C[]) => object,
): Responses {
  const grouped = Map.groupBy([...codes].sort(), statusOf);
  const ascending = [...grouped].sort(([a], [b]) => a - b);
  return Object.fromEntries(ascending.map(([status, group]) => [String(status), respond(status, group)]));
}

function problemResponse(status: number, codes: ProblemCode[]): object {
  const examples = codes.map((code) => [code, { value: exampleOf(code) }]);
  return {
    description: descriptionOf(codes),
    ...retryAfter(status),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [
            { $ref: '#/components/schemas/Problem' },
            { properties: { code: { enum: codes }, status: { const: status } } },
          ],
        },
        examples: Object.fromEntries(examples) as object,
      },
    },
  };
}

function pageResponse(status: number, codes: ProblemCode[]): object {
  const content = { 'text/html': { schema: { type: 'string' } } };
  return { description: descriptionOf(codes), ...retryAfter(status), content };
}

function descriptionOf(codes: readonly ProblemCode[]): string {
  return codes.map((code) => `${problems[code].title} (\`${code}\`)`).join('. ');
}

/** RFC 9110 10.2.3, in seconds; sent with every answer that asks the caller to come back. */
function retryAfter(status: number): object {
  if (status !== 429 && status !== 503) return {};
  return { headers: { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer', minimum: 1 } } } };
}

function typeOf(code: ProblemCode): string {
  return `urn:gatehouse:problem:${code}`;
}

function exampleOf(code: ProblemCode): object {
  const { status, title } = problems[code];
  const faults = { errors: [{ pointer: '#/name', detail: 'is required' }] };
  return {
    type: typeOf(code),
    title,
    status,
    code,
    request_id: '0198f0c4-7a52-7c3e-9a60-0d6f4d1b2a06',
    ...(code === 'invalid-input' ? faults : {}),
  };
}

function oauthResponses(declared: readonly OAuthErrorCode[]): Responses {
  const codes = [...new Set([...declared, 'server_error', 'temporarily_unavailable'] as const)];
  return byStatus(
    codes,
    (code) => OAUTH_STATUS[code] ?? 400,
    (status, group) => ({
      description: group.map((code) => `\`${code}\``).join(', '),
      ...retryAfter(status),
      content: {
        'application/json': {
          schema: {
            allOf: [{ $ref: '#/components/schemas/OAuthError' }, { properties: { error: { enum: group } } }],
          },
        },
      },
    }),
  );
}
