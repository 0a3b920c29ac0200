import { decodeJwt } from 'jose';
import * as openid from 'openid-client';
import { eventually } from '@gatehouse/testing';
import { Browser } from '../journeys/browser.ts';
import { errorOf, FapiClient } from './fapi-client.ts';
import { fapi2Assertions, fapi2Dpop } from './fapi2-credentials.ts';
import { plan, type Module } from './module.ts';
import type { Provider } from './provider.ts';
import { CALLBACK } from './relying-party.ts';

const PREFIX = 'fapi2-security-profile-final';
const PLAN = `${PREFIX}-test-plan`;

/** `fapi2-security-profile-final-test-plan` for private_key_jwt, DPoP, plain_fapi and openid_connect. */
export function fapi2SecurityProfile(of: () => Provider): void {
  plan(PLAN, (define) => {
    const module: Module = (name, run) => define(`${PREFIX}-${name}`, run);
    flows(module, of);
    acceptedRequests(module, of);
    authorizationRequests(module, of);
    tokenRequests(module, of);
    pushedRequests(module, of);
    pkce(module, of);
    fapi2Assertions(module, of);
    fapi2Dpop(module, of);
  });
}

function flows(module: Module, of: () => Provider): void {
  module('discovery-end-point-verification', async () => {
    const document = await (await fetch(`${of().issuer}/.well-known/openid-configuration`)).json();
    expect(document).toMatchObject({
      issuer: of().issuer,
      pushed_authorization_request_endpoint: `${of().issuer}/oauth/par`,
      authorization_response_iss_parameter_supported: true,
      token_endpoint_auth_methods_supported: expect.arrayContaining(['private_key_jwt']) as string[],
      token_endpoint_auth_signing_alg_values_supported: expect.arrayContaining(['PS256', 'ES256']) as string[],
      dpop_signing_alg_values_supported: expect.arrayContaining(['ES256']) as string[],
      code_challenge_methods_supported: ['S256'],
      grant_types_supported: expect.not.arrayContaining(['password', 'implicit']) as string[],
      response_types_supported: ['code'],
    });
  });

  module('happy-flow', async () => {
    const client = await FapiClient.register(of());
    const { configuration, DPoP } = await client.library();
    const [state, nonce, pkceCodeVerifier] = [openid.randomState(), openid.randomNonce(), openid.randomPKCECodeVerifier()]; // prettier-ignore
    const request = {
      redirect_uri: CALLBACK,
      scope: 'openid',
      state,
      nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    };
    const url = await openid.buildAuthorizationUrlWithPAR(configuration, request, { DPoP });
    expect([...url.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);
    const { callback, parameters } = await client.open({
      request_uri: url.searchParams.get('request_uri') ?? '',
      state,
    });
    expect(parameters.get('iss')).toBe(of().issuer);
    const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier, idTokenExpected: true };
    const tokens = await openid.authorizationCodeGrant(configuration, callback ?? new Request(CALLBACK), checks, undefined, { DPoP }); // prettier-ignore
    expect(tokens.token_type).toBe('dpop');
    const subject = tokens.claims()?.sub ?? '';
    const userinfo = await openid.fetchUserInfo(configuration, tokens.access_token, subject, { DPoP });
    expect(userinfo.sub).toBe(subject);
  });

  module('user-rejects-authentication', async () => {
    const client = await FapiClient.register(of());
    const answer = await client.open(await client.pushed(), { decision: 'deny' });
    expect(Object.fromEntries(answer.parameters)).toMatchObject({ error: 'access_denied', iss: of().issuer, state: answer.state }); // prettier-ignore
  });
}

function acceptedRequests(module: Module, of: () => Provider): void {
  module('ensure-authorization-request-without-state-success', async () => {
    const client = await FapiClient.register(of());
    const pushed = await client.pushed({ state: undefined });
    const { parameters } = await client.open(pushed);
    expect([parameters.has('state'), parameters.has('code')]).toEqual([false, true]);
  });

  module('ensure-authorization-request-without-nonce-success', async () => {
    const { id_token } = await (await FapiClient.register(of())).tokens({ nonce: undefined });
    expect(decodeJwt(id_token)).not.toHaveProperty('nonce');
  });

  for (const [name, length] of [
    ['64-char-nonce-success', 64],
    ['long-nonce', 384],
  ] as const)
    // prettier-ignore
    module(`ensure-authorization-request-with-${name}`, async () => {
      const nonce = 'n'.repeat(length);
      const { id_token } = await (await FapiClient.register(of())).tokens({ nonce });
      expect(decodeJwt(id_token)['nonce']).toBe(nonce);
    });

  module('ensure-authorization-request-with-long-state', async () => {
    const client = await FapiClient.register(of());
    const state = 's'.repeat(1_000);
    expect((await client.open(await client.pushed({ state }))).parameters.get('state')).toBe(state);
  });

  module('ensure-other-scope-order-succeeds', async () => {
    const { scope } = await (await FapiClient.register(of())).tokens({ scope: 'email openid' });
    expect(scope.split(' ').sort()).toEqual(['email', 'openid']);
  });

  module('access-token-type-header-case-sensitivity', async () => {
    const client = await FapiClient.register(of());
    const { access_token } = await client.tokens();
    for (const scheme of ['dpop', 'DPOP', 'DPoP'])
      expect((await client.resource(access_token, { scheme })).status).toBe(200);
  });

  module('test-claims-parameter-identity-claims', async () => {
    const client = await FapiClient.register(of());
    const claims = JSON.stringify({ userinfo: { email: { essential: true } } });
    const { access_token } = await client.tokens({ claims });
    expect(await (await client.resource(access_token)).json()).toMatchObject({ email: of().person.email });
  });

  module('refresh-token', async () => {
    const [client, other] = [await FapiClient.register(of()), await FapiClient.register(of())];
    const { refresh_token, id_token } = await client.tokens({ scope: 'openid offline_access', prompt: 'consent' });
    expect(await errorOf(await other.refresh(refresh_token))).toEqual([400, 'invalid_grant']);
    const again = (await (await client.refresh(refresh_token)).json()) as { refresh_token: string; id_token: string };
    expect(again.refresh_token).toBe(refresh_token);
    expect(decodeJwt(again.id_token).sub).toBe(decodeJwt(id_token).sub);
    expect((await client.refresh(refresh_token)).status).toBe(200);
  });
}

function authorizationRequests(module: Module, of: () => Provider): void {
  const beside: Record<string, Record<string, string>> = {
    'ensure-different-nonce-inside-and-outside-request-object': { nonce: 'outside' },
    'ensure-different-state-inside-and-outside-request-object': { state: 'outside' },
  };
  for (const [name, outside] of Object.entries(beside))
    module(name, async () => {
      const client = await FapiClient.register(of());
      const pushed = await client.pushed({ nonce: 'inside' });
      const { parameters } = await client.open(pushed, { beside: outside });
      expect(parameters.get('state')).toBe(pushed.state);
      const response = await client.exchange({ code: parameters.get('code') ?? '', verifier: pushed.verifier });
      const { id_token } = (await response.json()) as { id_token: string };
      expect(decodeJwt(id_token)['nonce']).toBe('inside');
    });

  module('state-only-outside-request-object-not-used', async () => {
    const client = await FapiClient.register(of());
    const pushed = await client.pushed({ state: undefined });
    expect((await client.open(pushed, { beside: { state: 'outside' } })).parameters.has('state')).toBe(false);
  });

  const pushes: Record<string, [parameters: Record<string, string | undefined>, error: string]> = {
    'ensure-request-object-without-redirect-uri-fails': [{ redirect_uri: undefined }, 'invalid_request'],
    'plain-fapi-tolerate-unregistered-redirect-uri': [{ redirect_uri: `${CALLBACK}/other` }, 'invalid_request'],
    'ensure-response-type-code-idtoken-fails': [{ response_type: 'code id_token' }, 'unsupported_response_type'],
    'ensure-response-type-token-fails': [{ response_type: 'token' }, 'unsupported_response_type'],
    'par-authorization-request-containing-request_uri-form-param': [
      { request_uri: 'urn:ietf:params:oauth:request_uri:other' },
      'invalid_request',
    ],
    'par-ensure-pkce-required': [{ code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    'par-plain-pkce-rejected': [{ code_challenge_method: 'plain' }, 'invalid_request'],
  };
  for (const [name, [parameters, error]] of Object.entries(pushes))
    module(name, async () => {
      const client = await FapiClient.register(of());
      expect(await errorOf(await client.push(parameters))).toEqual([400, error]);
    });

  module('ensure-unsigned-authorization-request-without-using-par-fails', async () => {
    const client = await FapiClient.register(of());
    const request = { response_type: 'code', client_id: client.id, redirect_uri: CALLBACK, scope: 'openid', code_challenge: 'a'.repeat(43), code_challenge_method: 'S256' }; // prettier-ignore
    const response = await new Browser().get(
      `${of().issuer}/oauth/authorize?${new URLSearchParams(request).toString()}`,
    );
    const answer = new URL(response.headers.get('location') ?? '').searchParams;
    expect([answer.get('error'), answer.has('code'), answer.get('iss')]).toEqual([
      'invalid_request',
      false,
      of().issuer,
    ]);
  });

  module('ensure-redirect-uri-in-authorization-request', async () => {
    const client = await FapiClient.register(of());
    const { request_uri, state } = await client.pushed();
    const { callback } = await client.open(
      { request_uri, state },
      { beside: { redirect_uri: 'https://evil.example/' } },
    );
    expect(callback?.url.startsWith(`${CALLBACK}?`)).toBe(true);
  });
}

function tokenRequests(module: Module, of: () => Provider): void {
  module('ensure-client-id-in-token-endpoint', async () => {
    const [client, other] = [await FapiClient.register(of()), await FapiClient.register(of())];
    const response = await client.exchange(await client.code(), { client_id: other.id });
    expect(await errorOf(response)).toEqual([400, 'invalid_request']);
  });

  module('ensure-holder-of-key-required', async () => {
    const client = await FapiClient.register(of());
    const code = await client.code();
    expect(await errorOf(await client.exchange(code, {}, { proof: false }))).toEqual([400, 'invalid_dpop_proof']);
    expect((await client.exchange(code)).status).toBe(200);
  });

  module('ensure-authorization-code-is-bound-to-client', async () => {
    const [client, other] = [await FapiClient.register(of()), await FapiClient.register(of())];
    expect(await errorOf(await other.exchange(await client.code()))).toEqual([400, 'invalid_grant']);
  });

  module('attempt-reuse-authorization-code-after-one-second', async () => {
    const client = await FapiClient.register(of());
    const code = await client.code();
    const { access_token } = (await (await client.exchange(code)).json()) as { access_token: string };
    expect(await errorOf(await client.exchange(code))).toEqual([400, 'invalid_grant']);
    await eventually(async () => expect((await client.resource(access_token)).status).toBe(401), { within: '5s' });
  });

  module('ensure-token-endpoint-fails-with-expired-auth-code', async () => {
    const client = await FapiClient.register(of());
    const code = await client.code();
    await of().expireRequestsAndCodes();
    expect(await errorOf(await client.exchange(code))).toEqual([400, 'invalid_grant']);
  });
}

function pushedRequests(module: Module, of: () => Provider): void {
  const refused = { callback: undefined, status: 400 };
  const outcome = ({ callback, pages }: Awaited<ReturnType<FapiClient['open']>>) => ({ callback, status: pages.at(-1)?.status }); // prettier-ignore

  module('par-ensure-reused-request-uri-prior-to-auth-completion-succeeds', async () => {
    const client = await FapiClient.register(of());
    const pushed = await client.pushed();
    const browser = new Browser();
    const query = new URLSearchParams({ client_id: client.id, request_uri: pushed.request_uri });
    expect((await browser.get(`${of().issuer}/oauth/authorize?${query.toString()}`)).status).toBe(303);
    expect((await client.open(pushed, { browser })).parameters.has('code')).toBe(true);
  });

  module('par-attempt-reuse-request_uri', async () => {
    const client = await FapiClient.register(of());
    const pushed = await client.pushed();
    const browser = new Browser();
    expect((await client.open(pushed, { browser })).parameters.has('code')).toBe(true);
    expect(outcome(await client.open(pushed, { browser }))).toEqual(refused);
  });

  module('par-attempt-to-use-expired-request_uri', async () => {
    const client = await FapiClient.register(of());
    const pushed = await client.pushed();
    await of().expireRequestsAndCodes();
    expect(outcome(await client.open(pushed))).toEqual(refused);
  });

  module('par-attempt-to-use-request_uri-for-different-client', async () => {
    const [client, other] = [await FapiClient.register(of()), await FapiClient.register(of())];
    expect(outcome(await other.open(await client.pushed()))).toEqual(refused);
  });

  module('par-attempt-invalid-http-method', async () => {
    const client = await FapiClient.register(of());
    expect((await client.push({}, { proof: false, method: 'PUT' })).status).toBe(405);
  });

  module('par-without-duplicate-parameters', async () => {
    const client = await FapiClient.register(of());
    expect((await client.open(await client.pushed())).parameters.has('code')).toBe(true);
  });
}

function pkce(module: Module, of: () => Provider): void {
  module('ensure-pkce-code-verifier-required', async () => {
    const client = await FapiClient.register(of());
    const response = await client.exchange(await client.code(), { code_verifier: undefined });
    expect(await errorOf(response)).toEqual([400, 'invalid_grant']);
  });

  module('incorrect-pkce-code-verifier-rejected', async () => {
    const client = await FapiClient.register(of());
    const code = await client.code();
    const response = await client.exchange({ ...code, verifier: openid.randomPKCECodeVerifier() });
    expect(await errorOf(response)).toEqual([400, 'invalid_grant']);
    expect((await client.exchange(code)).status).toBe(200);
  });
}
