interface Difference {
  /** Each field as [Gatehouse, oidc-provider]. */
  readonly fields: Readonly<Record<string, readonly [unknown, unknown]>>;
  readonly reason: string;
}

const problem = ['code', 'detail', 'request_id', 'status', 'title', 'type'];
const onPage = {
  at: ['page', 'client'],
  error: [undefined, 'invalid_request_uri'],
  parameters: [undefined, ['error', 'iss', 'state']],
  place: [undefined, 'query'],
  status: [400, undefined],
} as const;
const unauthenticated = {
  challenge: ['Basic', undefined],
  error: ['invalid_client', 'invalid_request'],
  status: [401, 400],
} as const;

/** Where Gatehouse answers otherwise than oidc-provider, and why. */
export const differences: Readonly<Record<string, Difference>> = {
  'the implicit flow': {
    fields: { place: ['query', 'fragment'] },
    reason:
      'Gatehouse has one response type, whose mode is query; oidc-provider answers in the mode of the type that it refuses.',
  },
  'the hybrid flow': {
    fields: { error: ['unsupported_response_type', 'invalid_request'], place: ['query', 'fragment'] },
    reason:
      'RFC 6749 4.1.2.1 has a code for this; oidc-provider first misses the nonce that only the hybrid flow requires.',
  },
  'an unknown response_mode': {
    fields: { error: ['invalid_request', 'unsupported_response_mode'] },
    reason:
      'No specification registers unsupported_response_mode; RFC 6749 4.1.2.1 calls an invalid value invalid_request.',
  },
  'an unknown prompt': {
    fields: {
      error: [undefined, 'invalid_request'],
      parameters: [
        ['code', 'iss', 'state'],
        ['error', 'iss', 'state'],
      ],
    },
    reason: 'A word that nobody defined is ignored as an unknown parameter is; the words that are known still count.',
  },
  'a request object that is no JWT': {
    fields: { error: ['invalid_request_object', 'request_not_supported'] },
    reason: 'Gatehouse takes signed requests (RFC 9101) from every client; the reference has them switched off.',
  },
  'a request_uri that was never pushed': {
    fields: onPage,
    reason: 'Beside a request_uri no other parameter counts (RFC 9126 4), so no redirect URI is known to answer to.',
  },
  'a pushed request is used up by its answer': {
    fields: onPage,
    reason: 'As for one that was never pushed: what stands beside the request_uri names no place to answer to.',
  },
  'no client authentication': {
    fields: unauthenticated,
    reason: 'RFC 6749 5.2 means invalid_client for a request without client authentication.',
  },
  'introspection by nobody': {
    fields: unauthenticated,
    reason:
      'RFC 7662 2.3 refers to RFC 6749 5.2, which means invalid_client for a request without client authentication.',
  },
  'a confidential client that shows only its id': {
    fields: { challenge: ['Basic', undefined] },
    reason: 'RFC 9110 15.5.2: a 401 has a challenge, whatever the client tried.',
  },
  'a grant that the client is not registered for': {
    fields: { error: ['unauthorized_client', 'invalid_request'] },
    reason: 'RFC 6749 5.2 has unauthorized_client for just this.',
  },
  'client_credentials with a scope of a person': {
    fields: {
      error: ['invalid_scope', undefined],
      members: [undefined, ['access_token', 'expires_in', 'token_type']],
      status: [400, 200],
    },
    reason:
      'A scope that the client may not have is refused (RFC 6749 5.2); oidc-provider leaves it out of the token in silence.',
  },
  'a body of JSON': {
    fields: { status: [415, 400] },
    reason:
      'RFC 9110 15.5.16 is the more precise status for a media type that is not taken; the error code is the same.',
  },
  'the claims of an ID token': {
    fields: {
      claims: [
        ['acr', 'amr', 'at_hash', 'aud', 'auth_time', 'azp', 'exp', 'iat', 'iss', 'nonce', 'sid', 'sub'],
        ['aud', 'exp', 'iat', 'iss', 'nonce', 'sub'],
      ],
      typ: ['JWT', undefined],
    },
    reason:
      'OIDC Core 2 and 3.1.3.6 allow each; clients need not ask for how and when the person logged in, nor for the session.',
  },
  'the claims of an access token': {
    fields: {
      claims: [
        [
          ...['acr', 'aud', 'auth_time', 'client_id', 'client_ver', 'exp', 'grant_id'],
          ...['iat', 'iss', 'jti', 'scope', 'sid', 'sub', 'sub_ver'],
        ],
        ['aud', 'client_id', 'exp', 'iat', 'iss', 'jti', 'scope', 'sub'],
      ],
    },
    reason:
      'Guards refuse revoked tokens without introspection, by session, grant and version (ADR of revocation), and ask for a recent or strong login by auth_time and acr (RFC 9068 2.2.1, RFC 9470).',
  },
  'the claims of a machine’s access token': {
    fields: {
      claims: [
        ['aud', 'client_id', 'client_ver', 'exp', 'iat', 'iss', 'jti', 'sub'],
        ['aud', 'client_id', 'exp', 'iat', 'iss', 'jti', 'sub'],
      ],
    },
    reason: 'Guards refuse the tokens of a disabled client by its version.',
  },
  'userinfo without a token': {
    fields: { error: [undefined, 'invalid_token'], members: [problem, undefined] },
    reason: 'RFC 6750 3.1: no error code where nothing was tried. Bodies of our APIs are problems (RFC 9457).',
  },
  'userinfo with nonsense': {
    fields: { error: [undefined, 'invalid_token'], members: [problem, undefined] },
    reason: 'The code is in the challenge, where RFC 6750 3 has it; bodies of our APIs are problems (RFC 9457).',
  },
  'introspection of a refresh token by its client': {
    fields: {
      members: [
        ['active', 'client_id', 'exp', 'grant_id', 'iss', 'scope', 'sub', 'token_type'],
        ['active', 'client_id', 'exp', 'iat', 'iss', 'scope', 'sub'],
      ],
    },
    reason: 'All are optional (RFC 7662 2.2); the grant is what a client can name to have it revoked.',
  },
  'revocation of an unknown token': {
    fields: { stored: [false, true] },
    reason: 'Answers of every endpoint say no-store unless they are public.',
  },
  'revocation without a token': {
    fields: { stored: [false, true] },
    reason: 'Answers of every endpoint say no-store unless they are public.',
  },
  'a pushed request that names another': {
    fields: { error: ['invalid_request', 'request_uri_not_supported'] },
    reason: 'RFC 9126 2.1: a pushed request must not have request_uri, which is invalid_request.',
  },
  'a device asks for a code': {
    fields: {
      members: [
        ['device_code', 'expires_in', 'interval', 'user_code', 'verification_uri', 'verification_uri_complete'],
        ['device_code', 'expires_in', 'user_code', 'verification_uri', 'verification_uri_complete'],
      ],
    },
    reason: 'RFC 8628 3.2: interval may be told, and is, so that no device has to know the default.',
  },
};
