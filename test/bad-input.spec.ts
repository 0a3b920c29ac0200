import { randomUUID } from 'node:crypto';
import { endpoints } from '@gatehouse/contracts';
import { createSuite, eventually } from '@gatehouse/testing';
import type { Suite } from '@gatehouse/testing';
import { auditedEvents, committedEvents, unsentEvents } from './faults/event-history.ts';
import { BadInputChecker } from './platform/bad-input-checker.ts';
import { badInputs } from './platform/bad-requests.ts';
import { TokenForge } from './platform/forged-tokens.ts';
import { MatrixCaller } from './platform/matrix-caller.ts';
import { endpointNamed } from './platform/permission-matrix.ts';
import { changedTables, PlatformState } from './platform/platform-state.ts';
import { fatesOf, followDeadLetters, sendGood, sendPoison } from './platform/poison.ts';
import { startServices, stopServices } from './platform/service-process.ts';
import type { Services } from './platform/service-process.ts';

let suite: Suite;
let services: Services;
let state: PlatformState;
let caller: MatrixCaller;
let checker: BadInputChecker;
beforeAll(async () => {
  suite = await createSuite('bad-input');
  services = await startServices(suite);
  state = await PlatformState.of(suite);
  caller = new MatrixCaller(suite);
  checker = new BadInputChecker(suite, state, await TokenForge.open(suite, state), await caller.things());
  await quiet();
}, 180_000);
afterAll(async () => {
  await state?.close();
  if (services) await stopServices(services);
  await suite?.dispose();
}, 60_000);

/** Everything that was begun has reached the audit log, so what changes from now on has another cause. */
async function quiet(): Promise<void> {
  const settled = async () => {
    expect(await unsentEvents(suite)).toBe(0);
    const recorded = new Set(await auditedEvents(suite));
    expect((await committedEvents(suite)).filter(({ id }) => !recorded.has(id))).toEqual([]);
  };
  await eventually(settled, { within: '30s' });
}

describe('requests', () => {
  test.each(badInputs.map((input) => [input.is, input] as const))(
    '%s gets the precise answer of every endpoint that it can be sent to, and nothing changes',
    async (_, input) => {
      const concerned = endpoints.filter((endpoint) => input.concerns(endpoint));
      expect(concerned).not.toEqual([]);
      const complaints: string[] = [];
      for (const endpoint of concerned) complaints.push(...(await checker.complaints(input, endpoint)));
      expect(complaints).toEqual([]);
    },
    60_000,
  );

  test('every endpoint of the catalog is in the table', () => {
    const missing = endpoints.filter((endpoint) => !badInputs.some((input) => input.concerns(endpoint)));
    expect(missing.map(({ id }) => id)).toEqual([]);
  });

  test('control: a request that is carried out although it should be refused is told by its answer and by what it changed', async () => {
    const harmless = { is: 'a good request', code: 'invalid-input', concerns: () => true, of: () => ({}) } as const;
    const complaints = await checker.complaints(harmless, endpointNamed('authorization.create-organization'));
    expect(complaints[0]).toContain('authorization.create-organization: answered 201 and not 400');
    for (const table of ['organization', 'outbox'])
      expect(complaints).toContain(`authorization.create-organization: authorization.${table} has changed`);
  });

  test('control: a token in which nothing is forged is accepted', async () => {
    const genuine = { is: 'a good token', code: 'unauthenticated', concerns: () => true, of: () => ({}) } as const;
    expect(await checker.complaints(genuine, endpointNamed('token.read-me'))).toEqual([
      expect.stringContaining('token.read-me: answered 200 and not 401'),
    ]);
  });
});

describe('messages', () => {
  const consumers = ['token', 'email-verification', 'audit-log'] as const;

  test('poison on every partition that is consumed is put aside with a copy or kept as an opaque entry, and nothing changes; what comes behind it goes through', async () => {
    await quiet();
    const before = await state.digest();
    const poison = await sendPoison(suite);
    expect(new Set(poison.map(({ consumer }) => consumer))).toEqual(new Set(consumers));
    const fates = poison.map(({ fate }) => fate);
    await eventually(async () => expect(await fatesOf(state, poison)).toEqual(fates), { within: '60s' });
    expect(changedTables(before, await state.digest())).toEqual([]);

    const good = await sendGood(suite);
    const handled = good.map(() => 'handled');
    await eventually(async () => expect(await fatesOf(state, good)).toEqual(handled), { within: '60s' });
    expect(await fatesOf(state, poison)).toEqual(fates);
    // Control: what is handled does change something, in the eyes of the same comparison.
    expect(changedTables(before, await state.digest())).toContain('email-verification.message');

    for (const consumer of consumers) {
      const reader = await followDeadLetters(suite, consumer);
      const parked = poison.filter((row) => row.consumer === consumer && row.fate === 'parked');
      const expected = parked.map(({ key, topic, partition, value }) => ({ key, from: topic, partition, value }));
      const sorted = <T extends { key: string }>(rows: readonly T[]) =>
        rows.toSorted((a, b) => (a.key < b.key ? -1 : 1));
      await eventually(() => expect(sorted(reader.letters)).toEqual(sorted(expected)), { within: '30s' });
      await reader.stop();
    }
  }, 240_000);

  test('every service stays ready behind the poison, and refuses a token whose revocation came behind it', async () => {
    const asked = [
      ['token.read-me', 200],
      ['authorization.list-organizations', 200],
      ['audit-log.list-entries', 403],
      ['email-verification.list-messages', 403],
    ] as const;
    for (const service of Object.values(services)) await service.ready();
    for (const [id, answer] of asked) {
      const status = () => caller.status(id, { path: {}, query: {}, answers: answer }, {}, 'demo');
      expect([id, await status()]).toEqual([id, answer]);
      await revoke(await caller.token('demo', endpointNamed(id).service));
      await eventually(async () => expect([id, await status()]).toEqual([id, 401]), { within: '20s' });
    }
  }, 120_000);

  async function revoke(token: string): Promise<void> {
    const secret = suite.seed.clients.find(({ id }) => id === 'demo')?.secret ?? '';
    const body = new URLSearchParams({ token, client_id: 'demo', client_secret: secret });
    expect((await fetch(`${suite.url('token')}/oauth/revoke`, { method: 'POST', body })).status).toBe(200);
  }
});

describe('mail', () => {
  afterEach(() => suite.smtp.behave());

  async function register(): Promise<string> {
    const email = `${randomUUID()}@example.com`;
    const response = await fetch(`${suite.url('token')}/api/v1/accounts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password: randomUUID() }),
    });
    expect(response.status).toBe(202);
    return email;
  }

  /** What became of the mails to an address, as the database and the event tell it. */
  const failuresOf = (email: string) =>
    state.rows<Record<string, unknown>>(
      'email-verification',
      `SELECT m.state, m.attempts, f.confirmed_at AS confirmed, o.payload::json->>'reply' AS reply
       FROM verification_flow f JOIN message m ON m.flow_id = f.id
       JOIN outbox o ON o.key = f.account_id::text AND o.headers->>'ce_type' = 'mail.failed' WHERE f.email = $1`,
      [email],
    );

  test.each([
    ['the recipient', { recipient: 550 }],
    ['the message', { message: 550 }],
  ])(
    'a server that refuses %s leads to mail.failed and to no other change, and the next mail arrives',
    async (_, faults) => {
      suite.smtp.misbehave(faults);
      const refused = await register();
      const before = await state.digest();
      const failed = { state: 'failed', attempts: 1, confirmed: null, reply: '550' };
      await eventually(async () => expect(await failuresOf(refused)).toEqual([failed]), { within: '20s' });
      await quiet();
      const changed = changedTables(before, await state.digest());
      expect(changed.filter((table) => !table.startsWith('email-verification.'))).toEqual([]);
      expect(suite.smtp.mailsTo(refused)).toEqual([]);
      suite.smtp.behave();
      const next = await register();
      await eventually(() => expect(suite.smtp.mailsTo(next)).toHaveLength(1), { within: '20s' });
    },
    90_000,
  );
});
