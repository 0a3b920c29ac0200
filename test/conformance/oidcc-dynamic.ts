import { randomUUID } from 'node:crypto';
import { createRemoteJWKSet, decodeProtectedHeader, exportJWK, generateKeyPair, jwtVerify, type JWK } from 'jose';
import * as openid from 'openid-client';
import { eventually } from '@gatehouse/testing';
import { plan, type Module } from './module.ts';
import { refreshToken } from './oidcc-basic.ts';
import { verifyDiscovery } from './oidcc-config.ts';
import type { Provider } from './provider.ts';
import { CALLBACK, RelyingParty } from './relying-party.ts';

/** `oidcc-dynamic-certification-test-plan`: OpenID Connect Dynamic Client Registration 1.0. */
export function oidccDynamic(of: () => Provider): void {
  const register = (metadata: Record<string, unknown>) =>
    fetch(`${of().issuer}/oauth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: [CALLBACK], ...metadata }),
    });
  const errorOf = async (response: Response) => ((await response.json()) as { error?: string }).error;

  plan('oidcc-dynamic-certification-test-plan', (module) => {
    module('oidcc-server', async () => {
      const party = await RelyingParty.register(of());
      expect(party.metadata).toMatchObject({
        client_id: expect.any(String) as string,
        client_secret: expect.any(String) as string,
        client_secret_expires_at: 0,
        registration_access_token: expect.any(String) as string,
        registration_client_uri: expect.stringContaining(of().issuer) as string,
      });
      expect((await party.logIn()).claims.aud).toBe(party.metadata.client_id);
    });

    for (const member of ['logo_uri', 'policy_uri', 'tos_uri'] as const)
      module(`oidcc-registration-${member.replace('_', '-')}`, async () => {
        const uri = `https://rp.example/${member}`;
        const party = await RelyingParty.register(of(), { [member]: uri });
        const { pages } = await party.authorize();
        expect([party.metadata[member], pages.length]).toEqual([uri, 2]);
      });

    module('oidcc-idtoken-rs256', async () => {
      const party = await RelyingParty.register(of(), { id_token_signed_response_alg: 'RS256' });
      const { alg, kid } = decodeProtectedHeader((await party.logIn()).idToken);
      expect([alg, typeof kid]).toEqual(['RS256', 'string']);
    });

    module('oidcc-idtoken-unsigned', async () => {
      expect(await errorOf(await register({ id_token_signed_response_alg: 'none' }))).toBe('invalid_client_metadata');
    });

    module('oidcc-redirect-uri-query-OK', async () => {
      const redirect_uri = `${CALLBACK}?foo=bar`;
      const party = await RelyingParty.register(of(), { redirect_uris: [redirect_uri] });
      const { parameters } = await party.authorize({ redirect_uri });
      expect(parameters.get('foo')).toBe('bar');
      // The library sends the redirect URI without its query.
      const { client_id, client_secret } = party.metadata;
      const form = { grant_type: 'authorization_code', code: parameters.get('code') ?? '', redirect_uri };
      const body = new URLSearchParams({ ...form, client_id, client_secret: String(client_secret) });
      expect((await fetch(party.server.token_endpoint ?? '', { method: 'POST', body })).status).toBe(200);
    });

    const mismatches = { mismatch: '?foo=baz', added: '?foo=bar&more=1' };
    for (const [name, query] of Object.entries(mismatches))
      module(`oidcc-redirect-uri-query-${name}`, async () => {
        const party = await RelyingParty.register(of(), { redirect_uris: [`${CALLBACK}?foo=bar`] });
        const answer = await party.authorize({ redirect_uri: CALLBACK + query });
        expect([answer.callback, answer.pages[0]?.status]).toEqual([undefined, 400]);
      });

    module('oidcc-redirect-uri-regfrag', async () => {
      expect(await errorOf(await register({ redirect_uris: [`${CALLBACK}#foobar`] }))).toBe('invalid_redirect_uri');
    });

    module('oidcc-ensure-redirect-uri-in-authorization-request', async () => {
      const party = await RelyingParty.register(of(), { redirect_uris: [CALLBACK, `${CALLBACK}/second`] });
      const answer = await party.authorize({ redirect_uri: undefined });
      expect([answer.callback, answer.pages[0]?.status]).toEqual([undefined, 400]);
    });
    answersAndRequests(module, of);
    documents(module, of, async (metadata) => errorOf(await register(metadata)));
  });
}

function answersAndRequests(module: Module, of: () => Provider): void {
  module('oidcc-userinfo-rs256', async () => {
    const party = await RelyingParty.register(of(), { userinfo_signed_response_alg: 'RS256' });
    const { tokens, claims } = await party.logIn();
    const headers = { authorization: `Bearer ${tokens.access_token}` };
    const response = await fetch(party.server.userinfo_endpoint ?? '', { headers });
    expect(response.headers.get('content-type')).toMatch(/^application\/jwt/);
    const keys = createRemoteJWKSet(new URL(party.server.jwks_uri ?? ''));
    const expected = { algorithms: ['RS256'], issuer: of().issuer, audience: party.metadata.client_id };
    const { payload } = await jwtVerify(await response.text(), keys, expected);
    expect([payload.sub, payload['nonce']]).toEqual([claims.sub, undefined]);
  });

  module('oidcc-discovery-endpoint-verification', () => verifyDiscovery(of));
  module('oidcc-refresh-token', () => refreshToken(of, {}));

  module('oidcc-ensure-request-object-with-redirect-uri', async () => {
    const object = [{ alg: 'none' }, { redirect_uri: CALLBACK }].map((part) => Buffer.from(JSON.stringify(part)));
    const request = `${object.map((part) => part.toString('base64url')).join('.')}.`;
    const answer = await (await RelyingParty.register(of())).authorize({ redirect_uri: `${CALLBACK}/other`, request });
    expect([answer.callback, answer.pages[0]?.status]).toEqual([undefined, 400]);
  });
}

/** Modules whose relying party publishes something that the provider has to fetch. */
function documents(
  module: Module,
  of: () => Provider,
  refusalOf: (metadata: Record<string, unknown>) => Promise<string | undefined>,
): void {
  const byKey = async (url: string, key: openid.PrivateKey) => {
    const metadata = { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: url };
    return RelyingParty.register(of(), metadata, openid.PrivateKeyJwt(key));
  };

  module('oidcc-registration-jwks-uri', async () => {
    const { jwk, key } = await signingKey();
    const { url } = of().clientDocuments.publish({ keys: [jwk] });
    const party = await byKey(url, key);
    expect(party.metadata['jwks_uri']).toBe(url);
    expect((await party.logIn()).claims.aud).toBe(party.metadata.client_id);
  });

  module('oidcc-ensure-client-assertion-with-iss-aud-succeeds', async () => {
    const { jwk, key } = await signingKey();
    let audience: unknown;
    const metadata = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } };
    const authentication = openid.PrivateKeyJwt(key, {
      [openid.modifyAssertion]: (_header, payload) => {
        audience = payload.aud = of().issuer;
      },
    });
    const party = await RelyingParty.register(of(), metadata, authentication);
    expect((await party.logIn()).tokens.access_token).toEqual(expect.any(String));
    expect(audience).toBe(of().issuer);
  });

  module('oidcc-refresh-token-rp-key-rotation', async () => {
    const [first, second] = [await signingKey(), await signingKey()];
    const document = of().clientDocuments.publish({ keys: [first.jwk] });
    const party = await byKey(document.url, first.key);
    const { tokens, claims } = await party.logIn({ scope: 'openid offline_access', prompt: 'consent' });
    const fetchedAtMs = performance.now();
    document.replace({ keys: [second.jwk] });
    const { client_id } = party.metadata;
    const execute = [openid.allowInsecureRequests];
    const rotated = await openid.discovery(new URL(of().issuer), client_id, {}, openid.PrivateKeyJwt(second.key), { execute }); // prettier-ignore
    // A set is asked for an unknown key once in five seconds.
    await eventually(() => performance.now() - fetchedAtMs > 5_100, { within: '10s' });
    const refreshed = await openid.refreshTokenGrant(rotated, tokens.refresh_token ?? '');
    expect(refreshed.claims()?.sub).toBe(claims.sub);
  });

  const OTHER = 'https://other-rp.example/callback';
  const sector = (list: string[]) => ({
    redirect_uris: [CALLBACK, OTHER],
    subject_type: 'pairwise',
    sector_identifier_uri: of().clientDocuments.publish(list).url,
  });

  module('oidcc-registration-sector-uri', async () => {
    const shared = sector([CALLBACK, OTHER]);
    const [one, two] = [await RelyingParty.register(of(), shared), await RelyingParty.register(of(), shared)];
    const subject = (await one.logIn()).claims.sub;
    expect((await two.logIn()).claims.sub).toBe(subject);
    expect((await (await RelyingParty.register(of())).logIn()).claims.sub).not.toBe(subject);
  });

  module('oidcc-registration-sector-bad', async () => {
    expect(await refusalOf(sector([CALLBACK]))).toBe('invalid_client_metadata');
  });
}

async function signingKey(): Promise<{ jwk: JWK; key: openid.PrivateKey }> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const kid = randomUUID();
  return { jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'ES256' }, key: { key: privateKey, kid } };
}
