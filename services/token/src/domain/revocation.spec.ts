import { RevocationList } from '@gatehouse/authn';
import { accessTokenRevocation, type Revocation } from './revocation.ts';

/** A token that has expired by this clock, which is half a minute ahead of those that still take it. */
const now = new Date();
const expiresAt = new Date(now.getTime() - 30_000);
const token = { jti: 'a-token', clientId: 'demo', accountId: null, expiresAt };

function covered(revocation: Revocation): boolean {
  const list = new RevocationList();
  list.add(revocation);
  const times = { issuedAt: 0, expiresAt: expiresAt.getTime() / 1_000 };
  const principal = { kind: 'client', id: 'demo', clientId: 'demo', jti: token.jti, scope: [], ...times } as const;
  return list.covers({ principal, kid: '' });
}

test('the revocation of one access token outlives it, clocks that differ by a minute included', () => {
  const revocation = accessTokenRevocation(token, now);
  expect(Date.parse(revocation.expires_at) - expiresAt.getTime()).toBe(60_000);
  expect(covered(revocation)).toBe(true);
});

test('a revocation that ends with its token is forgotten while another clock still takes the token (negative control)', () => {
  const ending = { ...accessTokenRevocation(token, now), expires_at: expiresAt.toISOString() };
  expect(covered(ending)).toBe(false);
});
