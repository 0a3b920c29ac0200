import { randomUUID } from 'node:crypto';
import { Secret } from '@gatehouse/config';
import type { Problem } from '@gatehouse/problem';
import {
  IntrospectedSubjects,
  IssuerMetadata,
  JwksKeySource,
  RevocationList,
  SubjectSource,
  TokenVerifier,
} from './index.ts';
import { TestIssuer } from './testing/index.ts';

const audience = 'http://127.0.0.1:4002';
let issuer: TestIssuer;
let keys: JwksKeySource;
let revocations: RevocationList;

beforeEach(async () => {
  issuer = await TestIssuer.start();
  keys = new JwksKeySource(new IssuerMetadata(issuer.url), { refetchFloorMs: 0 });
  await keys.refresh();
  revocations = new RevocationList();
});
afterEach(() => issuer.close());

const introspected = () =>
  new IntrospectedSubjects(issuer.url, { clientId: 'authorization', clientSecret: new Secret('s'.repeat(43)) });
const verifierWith = (subjects?: SubjectSource) =>
  new TokenVerifier({ issuer: issuer.url, audience }, keys, revocations, subjects);

/** A token of a new account, for a client that calls it something else. */
async function pairwiseToken(): Promise<{ token: string; account: string; subject: string }> {
  const [account, subject] = [randomUUID(), randomUUID().replaceAll('-', '')];
  issuer.accounts.set(subject, account);
  const claims = { subject_type: 'pairwise', sub_ver: 1 };
  return { account, subject, token: await issuer.token({ audience, subject, clientId: 'web', claims }) };
}

const refusal = (call: Promise<unknown>): Promise<Problem> =>
  call.then(
    () => {
      throw new Error('the token was accepted');
    },
    (problem: Problem) => problem,
  );

/** `revoke all` of an account. */
function revokeAll(id: string): void {
  const now = Date.now();
  const times = { revoked_at: new Date(now).toISOString(), expires_at: new Date(now + 600_000).toISOString() };
  revocations.add({ scope: 'subject', id, version: 2, ...times });
}

describe('a token whose sub is what its client calls the account', () => {
  test('speaks for the account that introspection names, and the issuer is asked once', async () => {
    const { token, account } = await pairwiseToken();
    const verifier = verifierWith(introspected());
    for (let use = 0; use < 3; use++)
      await expect(verifier.verify(token)).resolves.toMatchObject({ kind: 'account', id: account, clientId: 'web' });
    expect(issuer.requestsOf('/oauth/introspect')).toBe(1);
  });

  test('ends when everything of the account is revoked', async () => {
    const { token, account } = await pairwiseToken();
    const verifier = verifierWith(introspected());
    await verifier.verify(token);
    revokeAll(account);
    expect((await refusal(verifier.verify(token))).detail).toBe('The token was revoked.');
  });

  test('negative control: a guard that takes the sub as it stands goes on accepting it', async () => {
    class AsItStands extends SubjectSource {
      accountOf(_token: string, subject: string) {
        return Promise.resolve(subject);
      }
    }
    const { token, account } = await pairwiseToken();
    revokeAll(account);
    await expect(verifierWith(new AsItStands()).verify(token)).resolves.toBeDefined();
  });

  test('is 503 while the issuer cannot be asked, and nothing is remembered of that', async () => {
    const { token, account } = await pairwiseToken();
    const verifier = verifierWith(introspected());
    issuer.down = true;
    expect((await refusal(verifier.verify(token))).code).toBe('dependency-unavailable');
    issuer.down = false;
    await expect(verifier.verify(token)).resolves.toMatchObject({ id: account });
  });

  test('is refused where the issuer calls it inactive, names no account, or nobody can be asked', async () => {
    const { token, subject } = await pairwiseToken();
    const unknown = 'It cannot be told whom the token is about.';
    issuer.accounts.set(subject, subject);
    expect((await refusal(verifierWith(introspected()).verify(token))).detail).toBe(unknown);
    issuer.accounts.delete(subject);
    expect((await refusal(verifierWith(introspected()).verify(token))).detail).toBe(unknown);
    expect((await refusal(verifierWith().verify(token))).detail).toBe(unknown);
  });

  test('a subject type that nobody defined is refused', async () => {
    const token = await issuer.token({
      audience,
      subject: randomUUID(),
      clientId: 'web',
      claims: { subject_type: 'x' },
    });
    expect((await refusal(verifierWith(introspected()).verify(token))).code).toBe('unauthenticated');
  });
});

test('a token with a public subject asks nobody', async () => {
  const account = randomUUID();
  const token = await issuer.token({ audience, subject: account, clientId: 'web' });
  await expect(verifierWith(introspected()).verify(token)).resolves.toMatchObject({ id: account });
  expect(issuer.requestsOf('/oauth/introspect')).toBe(0);
});
