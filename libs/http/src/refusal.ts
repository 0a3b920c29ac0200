import { HttpException } from '@nestjs/common';
import type { Endpoint, OAuthErrorCode, ProblemCode } from '@gatehouse/contracts';
import { OAuthError, Problem } from '@gatehouse/problem';
import type { FastifyError } from 'fastify';

/** What the framework refuses by itself, by Fastify's error codes. */
const frameworkProblems: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body-too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-media-type',
  FST_ERR_CTP_EMPTY_TYPE: 'unsupported-media-type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid-input',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid-input',
  FST_ERR_BAD_URL: 'invalid-input',
  FST_ERR_MAX_PARAM_LENGTH: 'not-found',
};

/** Turns whatever was thrown into what the caller may know. The unknown is a fixed 500 that says nothing. */
export function toRefusal(error: unknown): Problem | OAuthError {
  if (error instanceof Problem || error instanceof OAuthError) return error;
  const cause = error instanceof HttpException ? (error.cause ?? error) : error;
  if (cause instanceof Problem || cause instanceof OAuthError) return cause;
  const code = frameworkProblems[(cause as Partial<FastifyError> | null)?.code ?? ''];
  if (code) return new Problem(code, { cause });
  if (error instanceof HttpException && error.getStatus() === 404) return new Problem('not-found');
  return new Problem('internal-error', { cause });
}

/** Problems as an OAuth endpoint says them (RFC 6749 5.2); their status stays. */
const oauthCodes: Partial<Record<ProblemCode, OAuthErrorCode>> = {
  unauthenticated: 'invalid_token',
  'permission-denied': 'insufficient_scope',
  'internal-error': 'server_error',
  // RFC 6749 5.2 has no code for it. This one of 4.1.2.1 says the same, try again later, and no client takes it for its
  // own mistake; the status 429 (RFC 6585 4) and Retry-After tell it from a server in trouble.
  'too-many-requests': 'temporarily_unavailable',
  'event-backlog-full': 'temporarily_unavailable',
  overloaded: 'temporarily_unavailable',
  'dependency-unavailable': 'temporarily_unavailable',
  'shutting-down': 'temporarily_unavailable',
};

/** OAuth errors as any other endpoint says them. */
function problemOf(error: OAuthError): Problem {
  const { headers, cause } = error;
  if (error.status === 401) return new Problem('unauthenticated', { headers, cause });
  if (error.status === 403) return new Problem('permission-denied', { headers, cause });
  if (error.status === 503) return new Problem('dependency-unavailable', { headers, cause });
  if (error.status >= 500) return new Problem('internal-error', { headers, cause });
  return new Problem('invalid-input', { headers, cause, ...(error.description && { detail: error.description }) });
}

function oauthErrorOf(problem: Problem): OAuthError {
  const { status, headers, cause } = problem;
  return new OAuthError(oauthCodes[problem.code] ?? 'invalid_request', describe(problem), { status, headers, cause });
}

function describe(problem: Problem): string {
  const first = problem.errors?.[0];
  if (!first) return problem.message;
  return `${'parameter' in first ? first.parameter : first.pointer} ${first.detail}`;
}

/** The refusal in the language of the endpoint. */
export function refusalFor(endpoint: Endpoint | undefined, error: unknown): Problem | OAuthError {
  const refusal = toRefusal(error);
  if (endpoint?.errorFormat === 'oauth') return refusal instanceof Problem ? oauthErrorOf(refusal) : refusal;
  return refusal instanceof OAuthError ? problemOf(refusal) : refusal;
}
