import * as openid from 'openid-client';
import { eventually } from '@gatehouse/testing';
import { Browser } from '../journeys/browser.ts';
import { plan } from './module.ts';
import type { Provider } from './provider.ts';
import { RelyingParty } from './relying-party.ts';

/** `oidcc-basic-certification-test-plan`, and with form_post `oidcc-formpost-basic-certification-test-plan`. */
export function oidccBasic(name: string, of: () => Provider, mode: Mode): void {
  const login = async (changes: Record<string, string | undefined> = {}, browser = new Browser()) =>
    (await RelyingParty.register(of())).logIn({ ...mode, ...changes }, browser);

  plan(name, (module) => {
    module('oidcc-server', async () => {
      const { claims, tokens, answer } = await login();
      expect(claims).toMatchObject({ iss: of().issuer, auth_time: expect.any(Number) as number });
      expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: expect.any(Number) as number });
      expect(answer.parameters.get('iss')).toBe(of().issuer);
    });

    module('oidcc-response-type-missing', async () => {
      const answer = await (await RelyingParty.register(of())).authorize({ ...mode, response_type: undefined });
      expect(answer.parameters.get('error')).toBe('invalid_request');
    });

    module('oidcc-idtoken-unsigned', async () => {
      const unsigned = RelyingParty.register(of(), { id_token_signed_response_alg: 'none' });
      await expect(unsigned).rejects.toMatchObject({ error: 'invalid_client_metadata' });
      expect((await RelyingParty.register(of())).server['id_token_signing_alg_values_supported']).not.toContain('none');
    });

    userinfo(module, of, login);
    scopes(module, of, login);
    requests(module, of, mode, login);
    sessions(module, of, mode);
    codes(module, of, mode);
  });
}

type Module = Parameters<Parameters<typeof plan>[1]>[0];
type Login = (
  changes?: Record<string, string | undefined>,
  browser?: Browser,
) => Promise<Awaited<ReturnType<RelyingParty['logIn']>>>;
type Mode = Readonly<Record<string, string>>;

function userinfo(module: Module, of: () => Provider, login: Login): void {
  const endpoint = () => `${of().issuer}/oauth/userinfo`;
  const subjectOf = async (response: Response) => ((await response.json()) as { sub: string }).sub;

  module('oidcc-userinfo-get', async () => {
    const { tokens, claims } = await login();
    const headers = { authorization: `Bearer ${tokens.access_token}` };
    expect(await subjectOf(await fetch(endpoint(), { headers }))).toBe(claims.sub);
  });

  module('oidcc-userinfo-post-header', async () => {
    const { tokens, claims } = await login();
    const headers = { authorization: `Bearer ${tokens.access_token}` };
    expect(await subjectOf(await fetch(endpoint(), { method: 'POST', headers }))).toBe(claims.sub);
  });
}

function scopes(module: Module, of: () => Provider, login: Login): void {
  module('oidcc-scope-email', async () => {
    const { tokens, claims } = await login({ scope: 'openid email' });
    const headers = { authorization: `Bearer ${tokens.access_token}` };
    const response = await fetch(`${of().issuer}/oauth/userinfo`, { headers });
    expect(await response.json()).toEqual({ sub: claims.sub, email: of().person.email, email_verified: true });
  });

  module('oidcc-scope-profile', async () => {
    expect((await login({ scope: 'openid profile' })).tokens.scope).toBe('openid profile');
  });

  module('oidcc-ensure-other-scope-order-succeeds', async () => {
    const { tokens } = await login({ scope: 'email openid' });
    expect(tokens.scope?.split(' ').sort()).toEqual(['email', 'openid']);
    expect(tokens.id_token).toEqual(expect.any(String));
  });
}

function requests(module: Module, of: () => Provider, mode: Mode, login: Login): void {
  module('oidcc-ensure-request-without-nonce-succeeds-for-code-flow', async () => {
    expect((await login({ nonce: undefined })).claims).not.toHaveProperty('nonce');
  });

  const accepted: Record<string, Record<string, string>> = {
    'oidcc-display-page': { display: 'page' },
    'oidcc-display-popup': { display: 'popup' },
    'oidcc-ui-locales': { ui_locales: 'se en' },
    'oidcc-claims-locales': { claims_locales: 'se en' },
    'oidcc-ensure-request-with-acr-values-succeeds': { acr_values: '1 2' },
    'oidcc-ensure-request-with-unknown-parameter-succeeds': { extra: 'foobar' },
    'oidcc-claims-essential': { claims: JSON.stringify({ userinfo: { name: { essential: true } } }) },
  };
  for (const [name, changes] of Object.entries(accepted))
    module(name, async () => expect((await login(changes)).claims.sub).toEqual(expect.any(String)));

  module('oidcc-login-hint', async () => {
    const { email } = of().person;
    const { answer } = await login({ login_hint: email });
    expect(answer.pages[0]?.html).toContain(`value="${email}"`);
  });

  module('oidcc-ensure-post-request-succeeds', async () => {
    const party = await RelyingParty.register(of());
    const answer = await party.authorize(mode, { by: 'POST' });
    expect((await party.tokens(answer)).id_token).toEqual(expect.any(String));
  });

  module('oidcc-ensure-registered-redirect-uri', async () => {
    const party = await RelyingParty.register(of());
    const answer = await party.authorize({ ...mode, redirect_uri: 'https://rp.example/other' });
    expect([answer.callback, answer.pages[0]?.status]).toEqual([undefined, 400]);
  });

  module('oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported', async () => {
    const request_uri = 'https://rp.example/request.jwt';
    const answer = await (await RelyingParty.register(of())).authorize({ ...mode, request_uri });
    expect(answer.parameters.get('error')).toBe('request_uri_not_supported');
  });

  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{}').toString('base64url')}.`;
  for (const name of [
    'oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported',
    'oidcc-ensure-request-object-with-redirect-uri',
  ])
    module(name, async () => {
      const answer = await (await RelyingParty.register(of())).authorize({ ...mode, request: unsigned });
      expect(['request_not_supported', 'invalid_request_object']).toContain(answer.parameters.get('error'));
    });
}

function sessions(module: Module, of: () => Provider, mode: Mode): void {
  const twice = async (changes: Record<string, string>) => {
    const party = await RelyingParty.register(of());
    const first = await party.logIn(mode);
    const second = await party.logIn({ ...mode, ...changes }, first.browser);
    return { first, second };
  };

  module('oidcc-prompt-login', async () => {
    const { first, second } = await twice({ prompt: 'login' });
    expect(second.answer.pages.map(({ title }) => title)).toContain('Log in');
    expect(Number(second.claims.auth_time)).toBeGreaterThanOrEqual(Number(first.claims.auth_time));
  });

  module('oidcc-prompt-none-not-logged-in', async () => {
    const answer = await (await RelyingParty.register(of())).authorize({ ...mode, prompt: 'none' });
    expect([answer.parameters.get('error'), answer.pages]).toEqual(['login_required', []]);
  });

  module('oidcc-prompt-none-logged-in', async () => {
    const { first, second } = await twice({ prompt: 'none' });
    expect([second.claims.sub, second.answer.pages]).toEqual([first.claims.sub, []]);
    expect(second.claims.auth_time).toBe(first.claims.auth_time);
  });

  module('oidcc-max-age-1', async () => {
    const party = await RelyingParty.register(of());
    const { browser } = await party.logIn(mode);
    const askedAgain = async () => {
      const answer = await party.authorize({ ...mode, max_age: '1' }, { browser });
      expect(answer.pages.map(({ title }) => title)).toContain('Log in');
      return answer;
    };
    const answer = await eventually(askedAgain, { within: '10s' });
    expect((await party.tokens(answer, { maxAge: 1 })).claims()?.auth_time).toEqual(expect.any(Number));
  });

  module('oidcc-max-age-10000', async () => {
    const { first, second } = await twice({ max_age: '10000' });
    expect([second.claims.auth_time, second.answer.pages]).toEqual([first.claims.auth_time, []]);
  });

  module('oidcc-id-token-hint', async () => {
    const party = await RelyingParty.register(of());
    const { browser, idToken, claims } = await party.logIn(mode);
    const second = await party.logIn({ ...mode, prompt: 'none', id_token_hint: idToken }, browser);
    expect([second.claims.sub, second.answer.pages]).toEqual([claims.sub, []]);
  });
}

function codes(module: Module, of: () => Provider, mode: Mode): void {
  const reuse = async () => {
    const party = await RelyingParty.register(of());
    const answer = await party.authorize(mode);
    const again = { ...answer, callback: answer.callback?.clone() };
    const tokens = await party.tokens(answer);
    await expect(party.tokens(again)).rejects.toMatchObject({ error: 'invalid_grant' });
    return { party, tokens };
  };

  module('oidcc-codereuse', async () => {
    await reuse();
  });

  module('oidcc-codereuse-30seconds', async () => {
    const { tokens } = await reuse();
    const headers = { authorization: `Bearer ${tokens.access_token}` };
    const status = async () => (await fetch(`${of().issuer}/oauth/userinfo`, { headers })).status;
    await eventually(async () => expect(await status()).toBe(401), { within: '5s' });
  });

  module('oidcc-server-client-secret-post', async () => {
    const party = await RelyingParty.register(of(), { token_endpoint_auth_method: 'client_secret_post' });
    expect((await party.logIn(mode)).tokens.access_token).toEqual(expect.any(String));
  });

  module('oidcc-ensure-request-with-valid-pkce-succeeds', async () => {
    const party = await RelyingParty.register(of());
    const pkceCodeVerifier = openid.randomPKCECodeVerifier();
    const code_challenge = await openid.calculatePKCECodeChallenge(pkceCodeVerifier);
    const answer = await party.authorize({ ...mode, code_challenge, code_challenge_method: 'S256' });
    expect((await party.tokens(answer, { pkceCodeVerifier })).id_token).toEqual(expect.any(String));
  });

  module('oidcc-refresh-token', () => refreshToken(of, mode));
}

/** Also a module of the dynamic plan. */
export async function refreshToken(of: () => Provider, mode: Mode): Promise<void> {
  const [party, other] = [await RelyingParty.register(of()), await RelyingParty.register(of())];
  const { tokens, claims } = await party.logIn({ ...mode, scope: 'openid offline_access', prompt: 'consent' });
  const value = tokens.refresh_token ?? '';
  await expect(openid.refreshTokenGrant(other.configuration, value)).rejects.toMatchObject({
    error: 'invalid_grant',
  });
  const refreshed = (await openid.refreshTokenGrant(party.configuration, value)).claims();
  expect(refreshed).toMatchObject({ iss: claims.iss, sub: claims.sub, aud: claims.aud, auth_time: claims.auth_time });
  expect(Number(refreshed?.iat)).toBeGreaterThanOrEqual(claims.iat);
}
