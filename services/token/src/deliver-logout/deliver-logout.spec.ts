import {
  compactDecrypt,
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  type CryptoKey,
} from 'jose';
import { uuidv7 } from '@gatehouse/database';
import { OutboundClient } from '@gatehouse/outbound';
import { eventually } from '@gatehouse/testing';
import { LOGOUT_ATTEMPTS_MAX } from '../domain/logout-token.ts';
import { Clients } from '../store/clients.ts';
import { LogoutDeliveries } from '../store/logout-deliveries.ts';
import { EncryptedResponses } from '../protocol/encrypted-responses.ts';
import { KeyRing } from '../protocol/key-ring.ts';
import { SubjectIdentifiers } from '../protocol/subject-identifiers.ts';
import { LogoutHarness } from '../logout-clients.spec-support.ts';

let logout: LogoutHarness;
let decryptionKey: CryptoKey;
beforeAll(async () => {
  logout = await LogoutHarness.start('deliver-logout');
  await logout.seed('plain', 'http://1.1.1.1/logout');
  const { privateKey, publicKey } = await generateKeyPair('ECDH-ES', { extractable: true });
  decryptionKey = privateKey;
  await logout.seed('sealed', logout.receiver.url('/sealed'), {
    jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'e1', use: 'enc' }] },
    id_token_encrypted_response_alg: 'ECDH-ES',
  });
  await logout.seed('signed', logout.receiver.url('/signed'), { id_token_signed_response_alg: 'PS256' });
  await logout.seed('pairwise', logout.receiver.url('/pairwise'), { subject_type: 'pairwise' });
}, 60_000);
afterEach(() => logout.receiver.reset());
afterAll(() => logout.stop());

const jwks = () => createRemoteJWKSet(new URL(`${logout.token.issuer}/oauth/jwks`));

describe('a client that is told of a logout', () => {
  // ASVS 10.5.5
  test('gets a token as the specification has it, and only where it wants it; audited', async () => {
    const { accountId, sid, logOut } = await logout.session('one', 'two offline_access', 'silent');
    await logOut();
    await logout.becomes(sid, { client_id: 'one', state: 'delivered' }, { client_id: 'two', state: 'delivered' });
    expect(logout.receiver.received).toHaveLength(2);
    for (const id of ['one', 'two']) {
      const [received] = logout.receiver.at(`/${id}`);
      expect(received?.contentType).toMatch(/^application\/x-www-form-urlencoded/);
      const expected = { issuer: logout.token.issuer, audience: id, typ: 'logout+jwt' };
      const { payload } = await jwtVerify(received?.token ?? '', jwks(), expected);
      expect(payload).toEqual({
        iss: logout.token.issuer,
        sub: accountId,
        aud: id,
        sid,
        iat: expect.any(Number) as number,
        exp: (payload.iat ?? 0) + 120,
        jti: expect.any(String) as string,
        events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
      });
    }
    const told = (await logout.facts(sid)).map(({ type, data }) => [type, data?.['client_id'], data?.['attempts']]);
    expect(told.sort()).toEqual([
      ['backchannel-logout.delivered', 'one', 1],
      ['backchannel-logout.delivered', 'two', 1],
    ]);
  });

  test('gets it signed with the algorithm of its ID tokens', async () => {
    const { sid, logOut } = await logout.session('signed');
    await logOut();
    await logout.becomes(sid, { state: 'delivered' });
    const { token = '' } = logout.receiver.at('/signed')[0] ?? {};
    expect(decodeProtectedHeader(token).alg).toBe('PS256');
    await jwtVerify(token, jwks(), { audience: 'signed' });
  });

  test('gets it encrypted where its ID tokens are', async () => {
    const { sid, logOut } = await logout.session('silent', 'sealed');
    await logOut();
    await logout.becomes(sid, { client_id: 'sealed', state: 'delivered' });
    const { plaintext } = await compactDecrypt(logout.receiver.at('/sealed')[0]?.token ?? '', decryptionKey);
    const expected = { issuer: logout.token.issuer, audience: 'sealed', typ: 'logout+jwt' };
    expect((await jwtVerify(plaintext, jwks(), expected)).payload['sid']).toBe(sid);
  });

  /** What a client gets that wants tokens encrypted and has taken its key away. */
  async function sentWithoutKey(): Promise<string[]> {
    const [before] = await logout.token.sql("SELECT metadata FROM client WHERE id = 'sealed'");
    const { sid, logOut } = await logout.session('silent', 'sealed');
    await logout.token.sql("UPDATE client SET metadata = metadata - 'jwks' WHERE id = 'sealed'");
    await logOut();
    // Its lease, which is longer, is over once the outcome of the attempt is recorded.
    const attempted = `SELECT FROM logout_delivery WHERE session_id = $1 AND attempts = 1
      AND (state = 'delivered' OR next_attempt_at < now() + interval '10 s')`;
    await eventually(async () => expect(await logout.token.sql(attempted, [sid])).toHaveLength(1), { within: '5s' });
    await logout.token.sql("UPDATE client SET metadata = $1 WHERE id = 'sealed'", [before?.['metadata']]);
    await logout.dueNow(sid);
    await logout.becomes(sid, { client_id: 'sealed', state: 'delivered' });
    return logout.receiver.at('/sealed').map(({ token }) => token);
  }

  test('gets nothing in plain while there is no key, and all of it once there is one', async () => {
    const sent = await sentWithoutKey();
    expect(sent.map((token) => token.split('.').length)).toEqual([5]);
  });

  test('negative control: a token that is sent in plain for want of a key is caught', async () => {
    const encrypted = logout.token.part(EncryptedResponses);
    const encrypt = encrypted.encrypt.bind(encrypted);
    encrypted.encrypt = (signed, ...others) => encrypt(signed, ...others).catch(() => signed);
    try {
      expect((await sentWithoutKey()).map((token) => token.split('.').length)).toEqual([3]);
    } finally {
      encrypted.encrypt = encrypt;
    }
  });

  /** What a client whose subjects are pairwise finds in its ID token, and then in its logout token. */
  async function toldPairwise() {
    const { tokens, accountId, logOut, sid } = await logout.session('pairwise');
    await logOut();
    await logout.becomes(sid, { state: 'delivered' });
    const idToken = decodeJwt(tokens[0]?.id_token ?? '');
    const told = decodeJwt(logout.receiver.at('/pairwise').at(-1)?.token ?? '');
    expect(idToken.sub).not.toBe(accountId);
    expect(told['sid']).toBe(idToken['sid']);
    expect(told).not.toHaveProperty('nonce');
    return { known: idToken.sub, told: told.sub, accountId };
  }

  test('finds its own sub in it, the one of its ID token, and never the id of the account where it is pairwise', async () => {
    const { known, told } = await toldPairwise();
    expect(told).toBe(known);
  });

  test('negative control: a logout token with the id of the account is caught', async () => {
    const subjects = logout.token.part(SubjectIdentifiers);
    const of = subjects.of.bind(subjects);
    logout.receiver.answer = () => {
      subjects.of = of;
      return { status: 200 };
    };
    const queue = logout.token.part(LogoutDeliveries);
    const take = queue.take.bind(queue);
    queue.take = async (atMost) => {
      const taken = await take(atMost);
      if (taken.length > 0) subjects.of = (accountId) => accountId;
      return taken;
    };
    try {
      const { known, told, accountId } = await toldPairwise();
      expect(told).not.toBe(known);
      expect(told).toBe(accountId);
    } finally {
      queue.take = take;
      subjects.of = of;
    }
  });
});

describe('a client that does not take it', () => {
  // ASVS 10.5.5
  test('is told again, with a new token each time; the others are not held up', async () => {
    const { sid, logOut } = await logout.session('one', 'two');
    const answers = [{ status: 503 }, 'hang up', { status: 204 }] as const;
    logout.receiver.answer = (path) =>
      (path === '/one' ? answers[logout.receiver.at('/one').length - 1] : undefined) ?? { status: 200 };
    await logOut();
    await logout.becomes(
      sid,
      { client_id: 'one', state: 'queued', last_status: 503 },
      { client_id: 'two', state: 'delivered' },
    );
    await logout.dueNow(sid);
    await eventually(() => expect(logout.receiver.at('/one')).toHaveLength(2), { within: '10s' });
    await logout.becomes(sid, { client_id: 'one', state: 'delivered', attempts: 3 }, { client_id: 'two', attempts: 1 });
    const claims = logout.receiver.at('/one').map(({ token }) => decodeJwt(token));
    expect(new Set(claims.map(({ jti }) => jti)).size).toBe(3);
    expect(new Set(claims.map((claim) => claim['sid']))).toEqual(new Set([sid]));
  });

  /** How many different tokens two attempts send. */
  async function tokensOfTwoAttempts(): Promise<number> {
    const { sid, logOut } = await logout.session('one');
    logout.receiver.answer = () => ({ status: logout.receiver.received.length === 1 ? 503 : 200 });
    await logOut();
    await logout.becomes(sid, { attempts: 1, last_status: 503 });
    await logout.dueNow(sid);
    await logout.becomes(sid, { state: 'delivered' });
    return new Set(logout.receiver.at('/one').map(({ token }) => token)).size;
  }

  test('negative control: a token that is signed once for all attempts is caught', async () => {
    expect(await tokensOfTwoAttempts()).toBe(2);
    logout.receiver.reset();
    const keys = logout.token.part(KeyRing);
    const sign = keys.sign.bind(keys);
    let first: string | undefined;
    keys.sign = (typ, ...others) => (typ === 'logout+jwt' ? (first ??= sign(typ, ...others)) : sign(typ, ...others));
    try {
      expect(await tokensOfTwoAttempts()).toBe(1);
    } finally {
      keys.sign = sign;
    }
  });

  test('is given up after the last attempt: the notice is a dead letter, and the failure is audited', async () => {
    logout.receiver.answer = () => ({ status: 500 });
    const { accountId, sid, logOut } = await logout.session('one');
    await logOut();
    await logout.becomes(sid, { attempts: 1, last_status: 500 });
    await logout.dueNow(sid, LOGOUT_ATTEMPTS_MAX - 1);
    await logout.becomes(sid, { state: 'failed', attempts: LOGOUT_ATTEMPTS_MAX, last_status: 500 });
    expect((await logout.facts(sid)).map(({ type, data }) => [type, data])).toEqual([
      [
        'backchannel-logout.failed',
        expect.objectContaining({
          account_id: accountId,
          client_id: 'one',
          attempts: LOGOUT_ATTEMPTS_MAX,
          reason: 'refused',
          status: 500,
        }),
      ],
    ]);
  });

  test('and has no address any more is given up at once', async () => {
    logout.receiver.answer = () => ({ status: 500 });
    const { sid, logOut } = await logout.session('two');
    await logOut();
    await logout.becomes(sid, { attempts: 1, last_status: 500 });
    const [before] = await logout.token.sql("SELECT metadata FROM client WHERE id = 'two'");
    await logout.token.sql("UPDATE client SET metadata = metadata - 'backchannel_logout_uri' WHERE id = 'two'");
    await logout.dueNow(sid);
    await logout.becomes(sid, { state: 'failed', attempts: 2 });
    expect((await logout.facts(sid)).map(({ data }) => data?.['reason'])).toEqual(['unregistered']);
    await logout.token.sql("UPDATE client SET metadata = $1 WHERE id = 'two'", [before?.['metadata']]);
  });

  /** Whether a notice of `one` arrives while `two` hangs with more notices than the process sends at a time. */
  async function arrivesBesideHangingClient(): Promise<boolean> {
    const [{ sid: hanging, accountId }, { sid, logOut }] = [
      await logout.session('silent'),
      await logout.session('one'),
    ];
    logout.receiver.answer = (path) => (path === '/two' ? 'hang' : { status: 200 });
    const ids = Array.from({ length: 60 }, () => uuidv7());
    await logout.token.sql(
      `INSERT INTO logout_delivery (id, client_id, account_id, session_id) SELECT unnest($1::uuid[]), 'two', $2, $3`,
      [ids, accountId, hanging],
    );
    await eventually(() => expect(logout.receiver.at('/two').length).toBeGreaterThanOrEqual(4), { within: '5s' });
    await logOut();
    await eventually(() => expect(logout.receiver.at('/one')).toHaveLength(1), { within: '3s' }).catch(() => undefined);
    const arrived = logout.receiver.at('/one').length > 0;
    await logout.token.sql('DELETE FROM logout_delivery WHERE session_id = ANY ($1)', [[hanging, sid]]);
    logout.receiver.answer = () => ({ status: 200 });
    return arrived;
  }

  test('and hangs with many notices holds up nobody else', async () => {
    expect(await arrivesBesideHangingClient()).toBe(true);
  });

  test('negative control: without a bound for each client it does', async () => {
    const queue = logout.token.part(LogoutDeliveries);
    const take = queue.take.bind(queue);
    queue.take = (atMost) => take({ ...atMost, perClient: 1_000, busyClients: [] });
    try {
      expect(await arrivesBesideHangingClient()).toBe(false);
    } finally {
      queue.take = take;
    }
  }, 20_000);
});

describe('the queue', () => {
  test('a notice whose holder died is taken again when its lease is over', async () => {
    const { sid, logOut } = await logout.session('one');
    logout.receiver.answer = () => ({ status: 500 });
    await logOut();
    await logout.becomes(sid, { attempts: 1, last_status: 500 });
    logout.receiver.answer = () => ({ status: 200 });
    await logout.dueNow(sid, 4);
    await logout.becomes(sid, { state: 'delivered', attempts: 5 });
  });

  test('a notice is sent by another instance where the one that queued it does not get to it', async () => {
    const queue = logout.token.part(LogoutDeliveries);
    const take = queue.take.bind(queue);
    queue.take = () => Promise.resolve([]);
    const { sid, logOut } = await logout.session('one');
    await logOut();
    const other = await logout.token.another({ OUTBOUND_ALLOWED: logout.receiver.host });
    try {
      await logout.becomes(sid, { state: 'delivered', attempts: 1 });
    } finally {
      queue.take = take;
      await other.close();
    }
    expect(logout.receiver.at('/one')).toHaveLength(1);
  });

  /** How many notices a logout leaves behind that fails after it has queued them. */
  async function queuedByFailedLogout(queued: LogoutDeliveries['addForSession']): Promise<number> {
    const { sid, logOut } = await logout.session('one');
    const queue = logout.token.part(LogoutDeliveries);
    const add = queue.addForSession.bind(queue);
    queue.addForSession = async (...session) => {
      await queued(...session);
      throw new Error('after the notices were queued');
    };
    try {
      expect((await logOut()).status).toBe(500);
    } finally {
      queue.addForSession = add;
    }
    const left = (await logout.deliveries(sid)).length;
    await logOut();
    await eventually(async () => expect((await logout.deliveries(sid)).at(-1)?.state).toBe('delivered'), {
      within: '10s',
    });
    return left;
  }

  test('a logout that is rolled back tells nobody', async () => {
    const queue = logout.token.part(LogoutDeliveries);
    expect(await queuedByFailedLogout(queue.addForSession.bind(queue))).toBe(0);
    expect(logout.receiver.received).toHaveLength(1);
  });

  test('negative control: a notice that is queued outside of the transaction is caught', async () => {
    const outside: LogoutDeliveries['addForSession'] = async (_tx, { id, accountId }) => {
      const insert = "INSERT INTO logout_delivery (id, client_id, account_id, session_id) VALUES ($1, 'one', $2, $3)";
      return (await logout.token.sql(insert, [uuidv7(), accountId, id])).length;
    };
    expect(await queuedByFailedLogout(outside)).toBe(1);
  });

  type Take = (sid: string) => Promise<readonly { readonly id: string }[]>;

  /** How often a notice is held by two of eight who take ten each from a queue of forty. */
  async function heldTwice(taking: (take: LogoutDeliveries['take']) => Take): Promise<number> {
    const { accountId, sid } = await logout.session('silent');
    const ids = Array.from({ length: 40 }, () => uuidv7());
    const queue = logout.token.part(LogoutDeliveries);
    const take = queue.take.bind(queue);
    queue.take = () => Promise.resolve([]);
    try {
      await logout.token.sql(
        `INSERT INTO logout_delivery (id, client_id, account_id, session_id) SELECT unnest($1::uuid[]), 'silent', $2, $3`,
        [ids, accountId, sid],
      );
      const taken = (await Promise.all(Array.from({ length: 8 }, () => taking(take)(sid)))).flat();
      expect(taken.length).toBeGreaterThan(0);
      return taken.length - new Set(taken.map(({ id }) => id)).size;
    } finally {
      queue.take = take;
      await logout.token.sql('DELETE FROM logout_delivery WHERE session_id = $1', [sid]);
    }
  }

  test('however many take from it at once, each notice is held by one', async () => {
    const atMost = { limit: 10, perClient: 40, busyClients: [], leaseMs: 60_000 };
    expect(await heldTwice((take) => () => take(atMost))).toBe(0);
  });

  test('negative control: who looks before it takes holds what another one holds', async () => {
    const due = "SELECT id FROM logout_delivery WHERE session_id = $1 AND state = 'queued' LIMIT 10";
    expect(await heldTwice(() => (sid) => logout.token.sql<{ id: string }>(due, [sid]))).toBeGreaterThan(0);
  });

  test('a client that is deleted before it was told fails no logout; nobody is told', async () => {
    await logout.seed('leaving', logout.receiver.url('/leaving'));
    logout.receiver.answer = () => ({ status: 500 });
    const { sid, logOut } = await logout.session('leaving');
    expect((await logOut()).status).toBe(200);
    await logout.becomes(sid, { attempts: 1, last_status: 500 });
    await logout.token.sql("DELETE FROM client WHERE id = 'leaving'");
    await logout.dueNow(sid);
    await logout.becomes(sid, { state: 'failed', attempts: 2 });
    expect(logout.receiver.received).toHaveLength(1);
  });

  test('its length and its dead letters are metrics', async () => {
    const metrics = await (await fetch(`${logout.token.suite.adminUrl('token')}/metrics`)).text();
    for (const name of ['logout_queue_deliveries', 'logout_dead_letters', 'logout_queue_overdue_seconds'])
      expect(metrics).toMatch(new RegExp(`^${name}.* \\d`, 'm'));
    expect(metrics).toMatch(/^logout_attempts_total\{.*outcome="delivered".*\} \d/m);
  });
});

describe('where a token may go', () => {
  /** Whether a client can send a logout token on, by a redirect, to where it chooses. */
  async function redirectFollowed(): Promise<boolean> {
    logout.receiver.answer = (path) =>
      path === '/one' ? { status: 307, location: logout.receiver.url('/internal') } : { status: 200 };
    const { sid, logOut } = await logout.session('one');
    await logOut();
    await eventually(async () => expect((await logout.deliveries(sid))[0]?.state).not.toBe('queued'), { within: '5s' });
    return logout.receiver.at('/internal').length > 0;
  }

  test('not to the target of a redirect', async () => {
    expect(await redirectFollowed()).toBe(false);
  });

  test('negative control: a delivery that follows redirects is caught by the same check', async () => {
    const outbound = logout.token.part(OutboundClient);
    const post = outbound.postForm.bind(outbound);
    outbound.postForm = async (uri, form) => {
      const { status } = await fetch(uri, { method: 'POST', body: new URLSearchParams(form) });
      return { status, body: '' };
    };
    try {
      expect(await redirectFollowed()).toBe(true);
    } finally {
      outbound.postForm = post;
    }
  });

  test('not over plain http to another machine: given up at once, as forbidden', async () => {
    const { sid, logOut } = await logout.session('plain');
    await logOut();
    await logout.becomes(sid, { client_id: 'plain', state: 'failed', attempts: 1, last_status: null });
    expect((await logout.facts(sid)).map(({ data }) => data?.['reason'])).toEqual(['forbidden']);
  });

  test('not to a client that was disabled since', async () => {
    logout.receiver.answer = () => ({ status: 500 });
    const { sid, logOut } = await logout.session('one');
    await logOut();
    await logout.becomes(sid, { attempts: 1, last_status: 500 });
    await logout.token.sql("UPDATE client SET disabled_at = now() WHERE id = 'one'");
    expect(await logout.token.part(Clients).find('one')).toBeNull();
    await logout.dueNow(sid);
    await logout.becomes(sid, { state: 'failed', attempts: 2 });
    expect(logout.receiver.at('/one')).toHaveLength(1);
    await logout.token.sql("UPDATE client SET disabled_at = NULL WHERE id = 'one'");
  });
});
