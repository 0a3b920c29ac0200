import { LoadedRevocations, RevocationList } from '@gatehouse/authn';
import { PermissionChecker } from '@gatehouse/authorization-client';
import { eventually } from '@gatehouse/testing';
import { formOf, type Form } from '../../browser.spec-support.ts';
import { Clock } from '../../clock.ts';
import { DpopKey } from '../../dpop-key.spec-support.ts';
import { PermissionAnswers } from '../../permission-answers.spec-support.ts';
import { TokenIssuer } from '../../protocol/token-issuer.ts';
import { Clients } from '../../store/clients.ts';
import { refusalOf, TokenHarness, tokensOf, type Tokens } from '../../token.spec-support.ts';

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';

let token: TokenHarness;
let permissions: PermissionAnswers;
beforeAll(async () => {
  token = await TokenHarness.start('token-exchange');
  permissions = await PermissionAnswers.start(token.suite);
  const grant_types = ['client_credentials', EXCHANGE];
  await token.seed({
    clients: [
      ...['audit-log', 'authorization'].map((id) => ({ id, secret: token.client(id).secret, grant_types })),
      { ...other, grant_types },
      { id: 'unable', secret: other.secret, grant_types: ['client_credentials'] },
    ],
  });
  permissions.give('audit-log', 'token-exchange:authorization', 'token-exchange:audit-log', 'token:impersonate');
  permissions.give('authorization', 'token-exchange:email-verification', 'token-exchange:token');
  permissions.give('other', 'token-exchange:audit-log', 'token:impersonate');
}, 60_000);
afterAll(async () => {
  await token.stop();
  await permissions.stop();
});

const other = { id: 'other', secret: 'o'.repeat(43) };
const auditLog = () => token.client('audit-log');
const url = (service: 'audit-log' | 'authorization' | 'email-verification') => token.suite.url(service);
/** A token of a person that `demo` sent to the audit log. */
const sentToAuditLog = (changes = {}) => token.login({ resource: url('audit-log'), ...changes });

function form(subject_token: string, changes: Form = {}): Form {
  return {
    grant_type: EXCHANGE,
    subject_token,
    subject_token_type: ACCESS_TOKEN,
    resource: url('authorization'),
    ...changes,
  };
}
const exchange = (subject: string, changes: Form = {}, client: { id: string; secret: string } = auditLog()) =>
  token.postForm('/oauth/token', form(subject, changes), client);

/** `client`'s own token, by which it is named as the actor. */
async function actorToken(client: { id: string; secret: string }): Promise<Form> {
  const response = await token.postForm('/oauth/token', { grant_type: 'client_credentials' }, client);
  return { actor_token: (await tokensOf(response)).access_token, actor_token_type: ACCESS_TOKEN };
}

const issued = async () => (await token.events({ type: 'token.exchanged' })).length;

/** Refused, nothing issued, and in the audit log. */
async function refused(response: Response): Promise<[number, string]> {
  const body = (await response.clone().json()) as { error: string; error_description: string };
  expect(body).not.toHaveProperty('access_token');
  const events = await token.events({ type: 'token-exchange.refused' });
  expect(events.at(-1)?.data).toMatchObject({ error: body.error, reason: body.error_description });
  expect(events.at(-1)?.headers).toMatchObject({ ce_actorkind: 'client' });
  return refusalOf(response);
}

describe('200', () => {
  test('the new token keeps whom, session, grant and version, is for the new audience, and can do no more', async () => {
    const subject = await sentToAuditLog();
    const response = await exchange(subject.access_token, { scope: 'openid' });
    expect(response.headers.get('cache-control')).toBe('no-store');
    const { access_token, claims, ...body } = await tokensOf(response);
    expect(body).toEqual({
      token_type: 'Bearer',
      expires_in: expect.any(Number) as number,
      scope: 'openid',
      issued_token_type: ACCESS_TOKEN,
    });
    const { sub, sid, grant_id, sub_ver } = subject.claims as Record<string, unknown>;
    expect(claims).toMatchObject({ sub, sid, grant_id, sub_ver, client_id: 'audit-log', aud: url('authorization') });
    expect(claims).not.toHaveProperty('act');
    const [fact] = (await token.events({ type: 'token.exchanged' })).filter(({ data }) => data?.['jti'] === claims.jti);
    expect(fact?.data).toEqual({
      jti: claims.jti,
      subject: { kind: 'account', id: subject.accountId },
      client_id: 'audit-log',
      actor_id: null,
      subject_jti: subject.claims.jti,
      grant_id: subject.claims.grant_id,
      scope: ['openid'],
      audience: [url('authorization')],
      expires_at: expect.any(String) as string,
    });
    expect(JSON.stringify(fact)).not.toContain(access_token.split('.')[2]);
  });

  test('with an actor token the new one says who acts, and a further exchange who acted before (RFC 8693 4.1)', async () => {
    const subject = await sentToAuditLog();
    const first = await tokensOf(await exchange(subject.access_token, await actorToken(auditLog())));
    const actor = { sub: 'audit-log', iss: token.issuer };
    expect(first.claims['act']).toEqual(actor);
    const authorization = token.client('authorization');
    const further = { resource: url('email-verification'), ...(await actorToken(authorization)) };
    const second = await tokensOf(await exchange(first.access_token, further, authorization));
    expect(second.claims['act']).toEqual({ sub: 'authorization', iss: token.issuer, act: actor });
    expect(second.claims.sub).toBe(subject.accountId);
    const introspected = await token.postForm('/oauth/introspect', { token: second.access_token }, authorization);
    expect(await introspected.json()).toMatchObject({ active: true, act: second.claims['act'] });
  });

  test('whoever acted before stays visible when the next one names no actor', async () => {
    const subject = await sentToAuditLog();
    const first = await tokensOf(await exchange(subject.access_token, await actorToken(auditLog())));
    const further = { resource: [], audience: 'token' };
    permissions.give('authorization', 'token:impersonate');
    const second = await tokensOf(await exchange(first.access_token, further, token.client('authorization')));
    permissions.take('authorization', 'token:impersonate');
    expect(second.claims['act']).toEqual(first.claims['act']);
    expect(second.claims.aud).toBe(token.issuer);
  });

  test.each([
    ['the name of a service', () => ({ resource: [], audience: 'authorization' }), () => url('authorization')],
    ['nothing, the audience stays', () => ({ resource: [] }), () => url('audit-log')],
    [
      'both',
      () => ({ resource: url('audit-log'), audience: 'authorization' }),
      () => [url('audit-log'), url('authorization')],
    ],
  ])('the audience by %s', async (_, named, audience) => {
    const subject = await sentToAuditLog();
    const { claims } = await tokensOf(await exchange(subject.access_token, named()));
    expect(claims.aud).toEqual(audience());
  });

  test('a JWT is asked for and given as what it is', async () => {
    const subject = await sentToAuditLog();
    const asked = { subject_token_type: JWT, requested_token_type: JWT };
    const response = await exchange(subject.access_token, asked);
    expect(await response.json()).toMatchObject({ issued_token_type: JWT });
  });

  test('a client narrows a token of its own, which is nobody acting for somebody', async () => {
    const own = await tokensOf(await token.postForm('/oauth/token', { grant_type: 'client_credentials' }, other));
    const { claims } = await tokensOf(await exchange(own.access_token, { resource: url('audit-log') }, other));
    expect(claims).toMatchObject({ sub: 'other', client_id: 'other', aud: url('audit-log') });
  });
});

describe('the new token ends with the old one', () => {
  const late = async (check: () => Promise<void>) => {
    const clock = token.part(Clock);
    clock.now = () => new Date(Date.now() + 100_000);
    try {
      await check();
    } finally {
      clock.now = () => new Date();
    }
  };

  test('it expires no later; negative control: issued like any other it does', async () => {
    const subject = await sentToAuditLog();
    const issuer = token.part(TokenIssuer);
    const plan = issuer.plan.bind(issuer);
    await late(async () => {
      expect((await tokensOf(await exchange(subject.access_token))).claims.exp).toBe(subject.claims.exp);
      issuer.plan = (about, audience) => plan(about, audience);
      try {
        const { claims } = await tokensOf(await exchange(subject.access_token));
        expect(claims.exp ?? 0).toBeGreaterThan(subject.claims.exp ?? Infinity);
      } finally {
        issuer.plan = plan;
      }
    });
  });

  test('revoking the grant ends both, and the old one is exchanged no more', async () => {
    const subject = await sentToAuditLog();
    const made = await tokensOf(await exchange(subject.access_token));
    await token.postForm('/oauth/revoke', { token: subject.refresh_token }, token.client('demo'));
    const active = async (value: string) =>
      (await token.postForm('/oauth/introspect', { token: value }, auditLog())).json();
    await eventually(async () => expect(await active(made.access_token)).toEqual({ active: false }), { within: '5s' });
    expect(await refused(await exchange(subject.access_token))).toEqual([400, 'invalid_request']);
  });

  test('negative control: a service that does not look at revocations exchanges a revoked token', async () => {
    const subject = await sentToAuditLog();
    await token.postForm('/oauth/revoke', { token: subject.refresh_token }, token.client('demo'));
    const list = token.part(RevocationList);
    const covers = list.covers.bind(list);
    await eventually(async () => expect((await exchange(subject.access_token)).status).toBe(400), { within: '5s' });
    list.covers = () => false;
    try {
      expect((await exchange(subject.access_token)).status).toBe(200);
    } finally {
      list.covers = covers;
    }
  });

  test('while it is not known what was revoked, the answer is 503', async () => {
    const subject = await sentToAuditLog();
    const loaded = token.part(LoadedRevocations);
    const { freshness } = loaded as unknown as { freshness: object }; // -- cut off without waiting for it
    Object.defineProperty(freshness, 'isFresh', { get: () => false, configurable: true });
    try {
      const response = await exchange(subject.access_token);
      expect(response.headers.get('retry-after')).toBe('1');
      expect(await refusalOf(response)).toEqual([503, 'temporarily_unavailable']);
    } finally {
      Reflect.deleteProperty(freshness, 'isFresh');
    }
  });
});

describe('a token that is bound to a key', () => {
  const bound = async (key: DpopKey, client: { id: string; secret: string }) => {
    const body = formOf({ grant_type: 'client_credentials' });
    return tokensOf(await key.post(`${token.issuer}/oauth/token`, body, client));
  };
  const toAuditLog = async (key: DpopKey) => {
    const client = token.client('demo');
    const { code, pkce } = await token.code(await token.account(), { resource: url('audit-log') });
    const body = formOf({
      grant_type: 'authorization_code',
      code,
      redirect_uri: client.redirectUri,
      code_verifier: pkce.verifier,
    });
    return tokensOf(await key.post(`${token.issuer}/oauth/token`, body, client));
  };

  test('is exchanged with a proof only, for one that is bound to the key of the proof', async () => {
    const subject = await toAuditLog(await DpopKey.make());
    expect(await refused(await exchange(subject.access_token))).toEqual([400, 'invalid_request']);
    const own = await DpopKey.make();
    const response = await own.post(`${token.issuer}/oauth/token`, formOf(form(subject.access_token)), auditLog());
    const made = await tokensOf(response);
    expect(made.token_type).toBe('DPoP');
    expect(made.claims['cnf']).toEqual({ jkt: own.jkt });
  });

  test('and that the caller holds itself, with a proof of that very key: a thief of the token gets nothing', async () => {
    const [key, thief] = [await DpopKey.make(), await DpopKey.make()];
    const own = await bound(key, other);
    const body = formOf(form(own.access_token, { resource: url('audit-log') }));
    const by = (one: DpopKey) => one.post(`${token.issuer}/oauth/token`, body, other);
    expect(await refused(await by(thief))).toEqual([400, 'invalid_request']);
    expect((await tokensOf(await by(key))).claims['cnf']).toEqual({ jkt: key.jkt });
  });
});

describe('who may, asked of the authorization service', () => {
  test.each(['token-exchange:authorization', 'token:impersonate'])('without %s: invalid_target', async (permission) => {
    const subject = await sentToAuditLog();
    permissions.take('audit-log', permission);
    try {
      expect(await refused(await exchange(subject.access_token))).toEqual([400, 'invalid_target']);
    } finally {
      permissions.give('audit-log', permission);
    }
  });

  test('a visible actor needs no permission to impersonate', async () => {
    const subject = await sentToAuditLog();
    permissions.take('audit-log', 'token:impersonate');
    const actor = await actorToken(auditLog());
    expect((await exchange(subject.access_token, actor)).status).toBe(200);
    permissions.give('audit-log', 'token:impersonate');
  });

  test('nor is the caller visible when it names somebody else as the actor, or the subject itself', async () => {
    const [subject, somebody] = [await sentToAuditLog(), await sentToAuditLog()];
    const acting = (actor_token: string) =>
      exchange(subject.access_token, { actor_token, actor_token_type: ACCESS_TOKEN });
    permissions.take('audit-log', 'token:impersonate');
    try {
      for (const { access_token } of [subject, somebody])
        expect(await refused(await acting(access_token))).toEqual([400, 'invalid_target']);
    } finally {
      permissions.give('audit-log', 'token:impersonate');
    }
    const allowed = await tokensOf(await acting(somebody.access_token));
    expect(allowed.claims['act']).toEqual({ sub: somebody.accountId, iss: token.issuer });
  });

  test('while it does not answer, 503 and no token; negative control: a policy that takes silence for yes', async () => {
    const subject = await sentToAuditLog();
    const before = await issued();
    const checker = token.part(PermissionChecker);
    const check = checker.check.bind(checker);
    permissions.down = true;
    try {
      expect(await refusalOf(await exchange(subject.access_token))).toEqual([503, 'temporarily_unavailable']);
      expect(await issued()).toBe(before);
      checker.check = (question) => check(question).catch(() => ({ allowed: true }));
      expect((await exchange(subject.access_token)).status).toBe(200);
    } finally {
      checker.check = check;
      permissions.down = false;
    }
  });

  test('a resource that the client may not ask for, or that nobody knows, is no target', async () => {
    const subject = await sentToAuditLog();
    for (const resource of ['https://elsewhere.example', `${url('authorization')}/path`])
      expect(await refused(await exchange(subject.access_token, { resource }))).toEqual([400, 'invalid_target']);
  });
});

describe('400', () => {
  test('a token that is none of the caller: sent to another service, of another client, or no access token', async () => {
    const subject = await token.login({ resource: url('authorization') });
    const ownOfAdmin = await tokensOf(
      await token.postForm(
        '/oauth/token',
        { grant_type: 'client_credentials', resource: url('audit-log') },
        token.client('admin'),
      ),
    );
    const values = [
      subject.access_token,
      subject.id_token,
      subject.refresh_token,
      ownOfAdmin.access_token,
      'eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.e30.',
      'made up',
    ];
    for (const value of values) {
      const response = await exchange(value);
      const { error_description } = (await response.clone().json()) as { error_description: string };
      expect(error_description).toBe('subject_token is not a valid token that this client may exchange');
      expect(await refused(response)).toEqual([400, 'invalid_request']);
    }
    expect(await refused(await exchange((await sentToAuditLog()).access_token, {}, other))).toEqual([
      400,
      'invalid_request',
    ]);
  });

  test('more scope than the subject token has', async () => {
    const subject = await sentToAuditLog({ scope: 'openid' });
    const response = await exchange(subject.access_token, { scope: 'openid email' });
    expect(await refused(response)).toEqual([400, 'invalid_scope']);
  });

  test.each<[string, (subject: Tokens) => Form | Promise<Form>]>([
    ['no subject_token', () => ({ subject_token: [] })],
    ['no subject_token_type', () => ({ subject_token_type: [] })],
    ['a refresh token as a subject', () => ({ subject_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' })],
    ['an ID token asked for', () => ({ requested_token_type: 'urn:ietf:params:oauth:token-type:id_token' })],
    [
      'actor_token without its type',
      async () => ({ actor_token: (await actorToken(auditLog()))['actor_token'] ?? '' }),
    ],
    ['actor_token_type without a token', () => ({ actor_token_type: ACCESS_TOKEN })],
    ['an actor that is another client', () => actorToken(other)],
    [
      'an actor that is acted for itself',
      async ({ access_token }) => {
        const acted = await tokensOf(
          await exchange(access_token, { resource: url('audit-log'), ...(await actorToken(auditLog())) }),
        );
        return { actor_token: acted.access_token, actor_token_type: ACCESS_TOKEN };
      },
    ],
  ])('%s', async (_, changes) => {
    const subject = await sentToAuditLog();
    const wrong = await changes(subject);
    expect(await refused(await exchange(subject.access_token, wrong))).toEqual([400, 'invalid_request']);
  });

  test('only clients whose grant types include it', async () => {
    const { access_token } = await sentToAuditLog();
    const unable = { id: 'unable', secret: other.secret };
    expect(await refusalOf(await exchange(access_token, {}, unable))).toEqual([400, 'unauthorized_client']);
  });
});

describe('may_act (RFC 8693 4.4)', () => {
  const onlyFor = async (client: string | null, check: () => Promise<void>) => {
    await token.sql(`UPDATE client SET policy = policy || jsonb_build_object('may_act', $1::text) WHERE id = 'demo'`, [
      client,
    ]);
    token.part(Clients).forget('demo');
    try {
      await check();
    } finally {
      await token.sql(`UPDATE client SET policy = policy - 'may_act' WHERE id = 'demo'`);
      token.part(Clients).forget('demo');
    }
  };

  test('the client that is named exchanges, and the name stays in the new token', async () => {
    await onlyFor('audit-log', async () => {
      const { access_token, claims } = await sentToAuditLog();
      expect(claims['may_act']).toEqual({ sub: 'audit-log' });
      const made = await tokensOf(await exchange(access_token));
      expect(made.claims['may_act']).toEqual({ sub: 'audit-log' });
      expect((await exchange(access_token, await actorToken(auditLog()))).status).toBe(200);
    });
  });

  test('another one does not, whatever its permissions', async () => {
    await onlyFor('other', async () => {
      const { access_token } = await sentToAuditLog();
      expect(await refused(await exchange(access_token))).toEqual([400, 'invalid_request']);
      const visible = await exchange(access_token, await actorToken(auditLog()));
      expect(await refused(visible)).toEqual([400, 'invalid_request']);
    });
  });
});
