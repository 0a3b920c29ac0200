import { emailFlowRequested } from '@gatehouse/contracts';
import { uuidv7 } from '@gatehouse/database';
import { Outbox } from '@gatehouse/messaging';
import { Problem } from '@gatehouse/problem';
import { eventually } from '@gatehouse/testing';
import { TokenSettings } from '../config.ts';
import { PASSWORD, TokenHarness } from '../token.spec-support.ts';

let token: TokenHarness;
beforeAll(async () => {
  token = await TokenHarness.start('register-account');
}, 60_000);
afterAll(() => token.stop());

const newEmail = () => `ada-${uuidv7()}@example.com`;
const register = (email: string, password = PASSWORD) => token.postJson('/api/v1/accounts', { email, password });

async function flowsTo(email: string) {
  const events = await token.events({ type: 'email-flow.requested' });
  return events.map(({ data }) => data).filter((data) => data?.['email'] === email);
}

describe('202', () => {
  test('a new address gets an account and, in the same transaction, a mail flow; the event has no address', async () => {
    const email = newEmail();
    const response = await token.postJson('/api/v1/accounts', { email, password: PASSWORD, locale: 'de' });
    expect([response.status, await response.json()]).toEqual([202, { status: 'accepted' }]);

    const [flow] = await flowsTo(email);
    expect(flow).toMatchObject({ purpose: 'registration', email, locale: 'de' });
    const [registered, ...others] = await token.events({
      key: String(flow?.['account_id']),
      type: 'account.registered',
    });
    expect(others).toEqual([]);
    expect(registered?.data).toEqual({ account_id: flow?.['account_id'], address_id: flow?.['address_id'] });
    expect(JSON.stringify(registered)).not.toContain(email);
  });

  test('an address that waits for its proof gets a further mail and no second account', async () => {
    const email = newEmail();
    await register(email);
    await register(email.toUpperCase().replace('EXAMPLE', 'Example'), 'another password');
    const flows = await flowsTo(email);
    expect(flows.map((flow) => flow?.['purpose'])).toEqual(['registration', 'registration']);
    expect(new Set(flows.map((flow) => flow?.['account_id'])).size).toBe(1);
    expect(new Set(flows.map((flow) => flow?.['flow_id'])).size).toBe(2);
  });

  test('the owner of a proven address is told by a mail that carries no credential, and nothing else happens', async () => {
    const { email, id } = await token.account();
    const response = await register(email, 'another password');
    expect([response.status, await response.json()]).toEqual([202, { status: 'accepted' }]);
    const flows = await flowsTo(email);
    expect(flows.map((flow) => flow?.['purpose'])).toEqual(['already-registered']);
    expect(await token.sql('SELECT 1 FROM registration WHERE account_id = $1', [id])).toEqual([]);
  });

  test('ten registrations of one new address at once make one account and ten mails', async () => {
    const email = newEmail();
    const responses = await Promise.all(Array.from({ length: 10 }, () => register(email)));
    expect(responses.map(({ status }) => status)).toEqual(Array(10).fill(202));
    const accounts = await token.sql('SELECT id FROM account WHERE address_key = $1', [email]);
    expect(accounts).toHaveLength(1);
    expect(await flowsTo(email)).toHaveLength(10);
  });

  describe('after the same time', () => {
    /** Far more than the work takes, however busy the machine is. */
    const ANSWER_AFTER_MS = 3_000;

    /** The quickest of three answers to each kind of address, in milliseconds. */
    async function quickest(answerAfterMs: number): Promise<number[]> {
      const { email: proven } = await token.account();
      const waiting = newEmail();
      await register(waiting);
      const settings = token.part(TokenSettings);
      const usual = settings.answerAfterMs;
      Object.assign(settings, { answerAfterMs });
      try {
        const fastest = async (emailOf: () => string) =>
          Math.min(...(await Promise.all([1, 2, 3].map(() => durationMs(() => register(emailOf()))))));
        return [await fastest(newEmail), await fastest(() => waiting), await fastest(() => proven)];
      } finally {
        Object.assign(settings, { answerAfterMs: usual });
      }
    }

    test('for a new, a waiting and a proven address: none is answered before the work of all is done', async () => {
      for (const time of await quickest(ANSWER_AFTER_MS)) expect(time).toBeGreaterThanOrEqual(ANSWER_AFTER_MS - 2);
    });

    test('negative control: without the waiting, the same check sees answers that follow the work', async () => {
      for (const time of await quickest(0)) expect(time).toBeLessThan(ANSWER_AFTER_MS - 2);
    });
  });

  test('the password is stored as argon2id with m=19456, t=2, p=1 and nowhere else', async () => {
    const email = newEmail();
    await register(email);
    const [row] = await token.sql<{ password_hash: string }>(
      'SELECT r.password_hash FROM registration r JOIN account a ON a.id = r.account_id WHERE a.address_key = $1',
      [email],
    );
    expect(row?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    const outbox = await token.sql<{ payload: string }>('SELECT payload FROM outbox');
    expect(JSON.stringify(outbox)).not.toContain(PASSWORD);
  });
});

async function durationMs(call: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await call();
  return performance.now() - started;
}

describe('400', () => {
  test.each([
    ['no password', { email: 'a@example.com' }, '#/password'],
    ['a short password', { email: 'a@example.com', password: 'seven77' }, '#/password'],
    ['a long password', { email: 'a@example.com', password: 'x'.repeat(129) }, '#/password'],
    ['no address', { password: PASSWORD }, '#/email'],
    ['no valid address', { email: 'a@b@example.com', password: PASSWORD }, '#/email'],
    ['a field that is not known', { email: 'a@example.com', password: PASSWORD, role: 'admin' }, '#/role'],
    ['a locale that is none', { email: 'a@example.com', password: PASSWORD, locale: '../etc' }, '#/locale'],
  ])('%s is answered with a pointer to it, and changes nothing', async (_, body, pointer) => {
    const before = await token.sql('SELECT count(*) FROM account');
    const response = await token.postJson('/api/v1/accounts', body);
    expect(response.status).toBe(400);
    const problem = (await response.json()) as { code: string; errors: { pointer: string }[] };
    expect(problem.code).toBe('invalid-input');
    expect(problem.errors.map((error) => error.pointer)).toEqual([pointer]);
    expect(await token.sql('SELECT count(*) FROM account')).toEqual(before);
  });
});

describe('503', () => {
  test('where events cannot be published any more, nobody is registered', async () => {
    const outbox = token.part(Outbox);
    const append = outbox.append.bind(outbox);
    outbox.append = (_tx, event) =>
      event.type === emailFlowRequested.type
        ? Promise.reject(new Problem('event-backlog-full', { retryAfterSeconds: 5 }))
        : Promise.resolve();
    try {
      const email = newEmail();
      const response = await register(email);
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
      expect(await token.sql('SELECT 1 FROM account WHERE address_key = $1', [email])).toEqual([]);
    } finally {
      outbox.append = append;
    }
  });

  test('with the queue for hashing full, the answer is overloaded with Retry-After, and the waiting ones finish', async () => {
    const small = await TokenHarness.start('register-overload', {
      PASSWORD_HASH_CONCURRENCY: '1',
      PASSWORD_HASH_QUEUE: '1',
    });
    try {
      const answers = await Promise.all(
        Array.from({ length: 12 }, () => small.postJson('/api/v1/accounts', { email: newEmail(), password: PASSWORD })),
      );
      const refused = answers.filter(({ status }) => status === 503);
      expect(refused.length).toBeGreaterThan(0);
      expect(answers.filter(({ status }) => status === 202).length).toBe(12 - refused.length);
      expect(refused.map(({ headers }) => headers.get('retry-after'))).toEqual(refused.map(() => '1'));
      expect(((await refused[0]?.json()) as { code: string }).code).toBe('overloaded');
      await eventually(
        async () =>
          expect((await small.postJson('/api/v1/accounts', { email: newEmail(), password: PASSWORD })).status).toBe(
            202,
          ),
        { within: '5s' },
      );
    } finally {
      await small.stop();
    }
  }, 60_000);
});
