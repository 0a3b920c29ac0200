import { uuidv7 } from '@gatehouse/database';
import { LogoutHarness, type DeliveryRow } from '../logout-clients.spec-support.ts';
import { LOGOUT_ATTEMPTS_MAX } from '../domain/logout-token.ts';
import { PermissionAnswers } from '../permission-answers.spec-support.ts';

let logout: LogoutHarness;
let permissions: PermissionAnswers;
let admin: string;
beforeAll(async () => {
  logout = await LogoutHarness.start('logout-deliveries');
  permissions = await PermissionAnswers.start(logout.token.suite);
  admin = await logout.token.adminToken();
}, 60_000);
afterEach(() => logout.receiver.reset());
afterAll(async () => {
  await permissions?.stop();
  await logout.stop();
});

interface Item {
  readonly id: string;
  readonly client_id: string;
  readonly state: string;
}
const list = async (query = '') => {
  const response = await logout.token.call('GET', `/api/v1/logout-deliveries${query}`, { as: admin });
  expect(response.status).toBe(200);
  return (await response.json()) as { items: Item[]; next_cursor: string | null };
};
const requeue = (id: string) => logout.token.call('POST', `/api/v1/logout-deliveries/${id}/requeue`, { as: admin });
const problemOf = async (response: Response) => ((await response.json()) as { type: string }).type;

/** A notice for `one` that nobody tries to deliver any more. */
async function deadLetter(): Promise<DeliveryRow & { sid: string }> {
  logout.receiver.answer = () => ({ status: 503 });
  const { sid, logOut } = await logout.session('one');
  await logOut();
  await logout.becomes(sid, { attempts: 1, last_status: 503 });
  await logout.dueNow(sid, LOGOUT_ATTEMPTS_MAX - 1);
  await logout.becomes(sid, { state: 'failed' });
  const [row] = await logout.deliveries(sid);
  if (!row) throw new Error('there is no dead letter');
  return { ...row, sid };
}

test('dead letters are listed, apart from what was delivered, and by client', async () => {
  const dead = await deadLetter();
  logout.receiver.reset();
  const { sid, logOut } = await logout.session('one', 'two');
  await logOut();
  await logout.becomes(sid, { state: 'delivered' }, { state: 'delivered' });
  const failed = (await list('?state=failed')).items;
  expect(failed.filter(({ id }) => id === dead.id)).toEqual([
    {
      id: dead.id,
      client_id: 'one',
      account_id: expect.any(String) as string,
      session_id: dead.sid,
      state: 'failed',
      attempts: LOGOUT_ATTEMPTS_MAX,
      last_status: 503,
      created_at: expect.any(String) as string,
      next_attempt_at: null,
      ended_at: expect.any(String) as string,
    },
  ]);
  expect(new Set(failed.map(({ state }) => state))).toEqual(new Set(['failed']));
  expect(new Set((await list('?client_id=two')).items.map((item) => item.client_id))).toEqual(new Set(['two']));
  const first = await list('?limit=1');
  const second = await list(`?limit=1&cursor=${first.next_cursor ?? ''}`);
  expect(second.items[0]?.id).not.toBe(first.items[0]?.id);
});

test('one that is tried again is delivered with all its attempts before it; audited with who did it', async () => {
  const dead = await deadLetter();
  logout.receiver.reset();
  expect((await requeue(dead.id)).status).toBe(204);
  await logout.becomes(dead.sid, { id: dead.id, state: 'delivered', attempts: 1 });
  expect(logout.receiver.at('/one')).toHaveLength(1);
  const facts = await logout.facts(dead.sid);
  expect(facts.map(({ type }) => type)).toEqual([
    'backchannel-logout.failed',
    'backchannel-logout.requeued',
    'backchannel-logout.delivered',
  ]);
  expect(facts[1]?.headers).toMatchObject({ ce_actorkind: 'client', ce_actorid: 'admin' });
});

test('409: one that was delivered or waits, and the second of two requests; it is sent once', async () => {
  const { sid, logOut } = await logout.session('one');
  await logOut();
  await logout.becomes(sid, { state: 'delivered' });
  const [delivered] = await logout.deliveries(sid);
  const refused = await requeue(delivered?.id ?? '');
  expect([refused.status, await problemOf(refused)]).toEqual([409, 'urn:gatehouse:problem:conflict']);
  const dead = await deadLetter();
  logout.receiver.reset();
  const both = await Promise.all([requeue(dead.id), requeue(dead.id)]);
  expect(both.map(({ status }) => status).sort()).toEqual([204, 409]);
  await logout.becomes(dead.sid, { state: 'delivered' });
  expect(logout.receiver.at('/one')).toHaveLength(1);
});

test('404 and 400: an unknown one, and an id that is none', async () => {
  expect((await requeue(uuidv7())).status).toBe(404);
  expect((await requeue('first')).status).toBe(400);
  expect((await logout.token.call('GET', '/api/v1/logout-deliveries?state=lost', { as: admin })).status).toBe(400);
});
