import { createRemoteJWKSet, jwtVerify } from 'jose';
import { eventually } from '@gatehouse/testing';
import { plan } from './module.ts';
import type { Provider } from './provider.ts';
import { RelyingParty } from './relying-party.ts';

const AFTER = 'https://rp.example/logged-out';

/** `oidcc-backchannel-rp-initiated-logout-certification-test-plan`: OpenID Connect Back-Channel Logout 1.0. */
export function oidccBackchannelLogout(of: () => Provider): void {
  plan('oidcc-backchannel-rp-initiated-logout-certification-test-plan', (module) => {
    module('oidcc-backchannel-logout-discovery-endpoint-verification', async () => {
      const { issuer } = of();
      const document: unknown = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
      expect(document).toMatchObject({
        backchannel_logout_supported: true,
        backchannel_logout_session_supported: true,
        end_session_endpoint: expect.stringContaining(`${issuer}/`) as string,
      });
    });

    module('oidcc-backchannel-rp-initiated-logout', async () => {
      const { issuer, logoutReceiver } = of();
      const party = await RelyingParty.register(of(), {
        post_logout_redirect_uris: [AFTER],
        backchannel_logout_uri: logoutReceiver.uri,
        backchannel_logout_session_required: true,
      });
      expect(party.metadata).toMatchObject({
        backchannel_logout_uri: logoutReceiver.uri,
        backchannel_logout_session_required: true,
      });
      const { browser, idToken, claims } = await party.logIn();
      const state = 'abc';
      const query = new URLSearchParams({ id_token_hint: idToken, post_logout_redirect_uri: AFTER, state });
      const response = await browser.get(`${party.server.end_session_endpoint ?? ''}?${query.toString()}`);
      expect(response.headers.get('location')).toBe(`${AFTER}?state=${state}`);

      const request = await eventually(
        () => logoutReceiver.received.at(-1) ?? Promise.reject(new Error('nothing has arrived')),
        { within: '10s' },
      );
      expect(request.method).toBe('POST');
      expect(request.contentType).toMatch(/^application\/x-www-form-urlencoded/);
      expect([...request.form.keys()]).toEqual(['logout_token']);
      const keys = createRemoteJWKSet(new URL(party.server.jwks_uri ?? ''));
      const audience = party.metadata.client_id;
      const { payload, protectedHeader } = await jwtVerify(request.form.get('logout_token') ?? '', keys, {
        issuer,
        audience,
        typ: 'logout+jwt',
        requiredClaims: ['iat', 'exp', 'jti', 'events'],
      });
      expect(protectedHeader.alg).toBe('ES256');
      expect(payload['events']).toEqual({ 'http://schemas.openid.net/event/backchannel-logout': {} });
      expect([payload.sub, payload['sid']]).toEqual([claims.sub, claims['sid']]);
      expect(payload).not.toHaveProperty('nonce');
      expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(120);

      const silent = await party.authorize({ prompt: 'none' }, { browser });
      expect(silent.parameters.get('error')).toBe('login_required');
    });
  });
}
