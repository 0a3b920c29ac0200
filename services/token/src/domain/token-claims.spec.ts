import { accessTokenClaims, idTokenClaims } from './token-claims.ts';

const issued = {
  issuer: 'https://id.example',
  audience: ['https://authz.example'],
  jti: '0198f0c2-7a52-7c3e-9a60-0d6f4d1b2a06',
  issuedAt: new Date('2026-01-01T00:00:00.900Z'),
  expiresAt: new Date('2026-01-01T00:10:00.900Z'),
};

test('a client token has the client as subject, and neither grant nor session', () => {
  expect(accessTokenClaims({ subject: 'svc', clientId: 'svc', clientVersion: 2, scope: [] }, issued)).toEqual({
    iss: 'https://id.example',
    sub: 'svc',
    aud: 'https://authz.example',
    client_id: 'svc',
    iat: 1_767_225_600,
    exp: 1_767_226_200,
    jti: issued.jti,
    client_ver: 2,
  });
});

test('an account token names grant and session, so that revoking either ends it', () => {
  const versions = { subjectVersion: 3, clientVersion: 0 };
  const about = { subject: 'account', clientId: 'demo', ...versions, scope: ['openid', 'email'] };
  const claims = accessTokenClaims(
    { ...about, grantId: 'g', sessionId: 's' },
    { ...issued, audience: ['https://a.example', 'https://b.example'] },
  );
  expect(claims).toMatchObject({ scope: 'openid email', grant_id: 'g', sid: 's', sub_ver: 3, client_ver: 0 });
  expect(claims.aud).toEqual(['https://a.example', 'https://b.example']);
});

test('the at_hash is the one of OpenID Connect Core appendix A', () => {
  const claims = idTokenClaims({
    issuer: issued.issuer,
    subject: 'account',
    clientId: 'demo',
    sessionId: 's',
    authenticatedAt: issued.issuedAt,
    acr: 'urn:gatehouse:acr:password',
    amr: ['pwd'],
    nonce: null,
    accessToken: 'jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y',
    issuedAt: issued.issuedAt,
    algorithm: 'ES256',
  });
  expect(claims.at_hash).toBe('77QmUPtjPfzWtF2AnpK9RQ');
  expect(claims).not.toHaveProperty('nonce');
});
