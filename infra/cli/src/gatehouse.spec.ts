import { jest } from '@jest/globals';
import { Secret } from '@gatehouse/config';
import { Database, uuidv7 } from '@gatehouse/database';
import { createSuite } from '@gatehouse/testing';
import type { Suite } from '@gatehouse/testing';
import { commands, gatehouse } from './gatehouse.ts';

jest.setTimeout(120_000);

let suite: Suite;
let database: Database;
beforeAll(async () => {
  suite = await createSuite('gatehouse');
  await suite.migrate('token');
  const url = new Secret(suite.databaseUrl('token'));
  database = new Database({ url, applicationName: 'spec', entities: [], poolSize: 2, constraints: {} });
  await database.open();
});
afterAll(async () => {
  await database.close();
  await suite.dispose();
});

/** Runs a command line and returns its exit code and what it printed. */
async function run(...args: string[]): Promise<{ code: number; out: string; errors: string }> {
  const [out, errors]: [string[], string[]] = [[], []];
  const code = await gatehouse(args, {
    env: { ...suite.operatorEnv(), GATEHOUSE_OPERATOR: 'ada' },
    print: (text) => out.push(text),
    printError: (text) => errors.push(text),
  });
  return { code, out: out.join('\n'), errors: errors.join('\n') };
}

/** What is waiting to be audited of one type, oldest first. */
async function eventsOf(type: string): Promise<{ actor: string; topic: string; data: Record<string, unknown> }[]> {
  return database.query(
    `SELECT headers ->> 'ce_actorkind' || ' ' || (headers ->> 'ce_actorid') AS actor, topic, payload::json AS data
     FROM outbox WHERE headers ->> 'ce_type' = $1 ORDER BY id`,
    [type],
  );
}

/** For places where Jest's matcher, of type any, would hide a wrong type. */
const containing = (text: string): unknown => expect.stringContaining(text);

let offset = 0;
/** Parks a message of `key` and returns its id. */
async function park(key: string, parkedAt = new Date()): Promise<string> {
  const [row] = await database.query<{ id: string }>(
    `INSERT INTO parked_message (consumer, topic, partition, "offset", key, event_id, headers, value, error_class,
       error_message, attempts, parked_at)
     VALUES ('token', 'email-verification.verifications', 0, $1, $2, $3, '{"ce_type":"email.verified"}', '{"a":1}',
       'TypeError', 'broken', 5, $4) RETURNING id::text`,
    [offset++, key, uuidv7(), parkedAt],
  );
  return row!.id;
}
const parkedIds = async (key: string) =>
  (await database.query<{ id: string }>('SELECT id::text FROM parked_message WHERE key = $1 ORDER BY id', [key])).map(
    ({ id }) => id,
  );

describe('help', () => {
  test('the overview names every command, and every command explains itself', async () => {
    const { code, out } = await run();
    expect(code).toBe(0);
    for (const command of commands) {
      expect(out).toContain(`gatehouse ${command.name}`);
      const help = await run(...command.name.split(' '), '--help');
      expect(help).toMatchObject({
        code: 0,
        out: containing(`gatehouse ${command.name} ${command.synopsis}`.trimEnd()),
      });
      for (const option of Object.keys(command.options)) expect(help.out).toContain(`--${option}`);
    }
  });

  test.each([
    [['dance'], 'There is no command "dance"'],
    [['dlq'], 'gatehouse dlq replay'],
    [['dlq', 'list'], 'No service was named'],
    [['dlq', 'list', 'billing'], 'There is no service "billing"; services are token, authorization'],
    [['dlq', 'list', 'token', '--colour'], '--colour'],
    [['dlq', 'list', 'token', '--since', 'long ago'], '"long ago" is no time'],
    [['dlq', 'replay', 'token'], 'Say which messages'],
    [['dlq', 'discard', 'token'], 'Say which messages'],
    [['dlq', 'show', 'token', '--id', '1;drop'], 'is no id'],
    [['migrate', 'revert'], 'Name the service'],
    [['outbox', 'rebase', 'token'], '--from retained or --from position'],
    [['keys', 'revoke'], 'Say which key'],
  ])('%j is not understood, says why, and changes nothing', async (args, why) => {
    const { code, errors } = await run(...args);
    expect(code).toBe(2);
    expect(errors).toContain(why);
  });

  test('a setting that is missing is named', async () => {
    const errors: string[] = [];
    const code = await gatehouse(['dlq', 'list', 'token'], { env: {}, print: () => {}, printError: (text) => errors.push(text) }); // prettier-ignore
    expect({ code, errors }).toMatchObject({ code: 1, errors: [containing('TOKEN_DATABASE_URL')] });
  });
});

describe('migrate', () => {
  test('repeating it changes nothing and says so', async () => {
    const { code, out } = await run('migrate', 'token');
    expect(code).toBe(0);
    expect(out).toMatch(/token: up to date \(\d+ migrations\)/);
    expect(out).toMatch(/topics: \d+ existing ones are as declared; access is granted/);
  });

  test('a topic that is not as declared fails it, with both values', async () => {
    const admin = await suite.kafkaAdmin();
    const topic = `${suite.topicPrefix}token.accounts`;
    await admin.createPartitions({ topicPartitions: [{ topic, count: 9 }] });
    const { code, errors } = await run('migrate', 'token');
    expect(code).toBe(1);
    expect(errors).toContain(`${topic}: partitions is declared 6, Kafka has 9`);
    const status = await run('migrate', 'token', 'status');
    expect(status).toMatchObject({ code: 0, out: containing('partitions is declared 6, Kafka has 9') });
  });
});

describe('dlq', () => {
  test('list shows what fits, and is an audited event of the operator', async () => {
    const key = uuidv7();
    const id = await park(key);
    await park(uuidv7());
    const { code, out } = await run('dlq', 'list', 'token', '--key', key);
    expect(code).toBe(0);
    expect(out.split('\n')).toHaveLength(2);
    expect(out).toContain(`${id} `);
    const [event] = (await eventsOf('dead-letter.listed')).slice(-1);
    expect(event).toEqual({ actor: 'operator ada', topic: 'token.operations', data: { selection: { key }, found: 1 } });
  });

  test('list by time shows what was parked in that window', async () => {
    const key = uuidv7();
    const hourAgo = await park(key, new Date(Date.now() - 3_600_000));
    await park(key);
    const { out } = await run('dlq', 'list', 'token', '--key', key, '--since', '2h', '--until', '30m', '--json');
    expect(out.split('\n').map((line) => (JSON.parse(line) as { id: string }).id)).toEqual([hourAgo]);
  });

  test('show prints the content, and is an audited event; a missing one is an error', async () => {
    const key = uuidv7();
    const id = await park(key);
    const { code, out } = await run('dlq', 'show', 'token', '--id', id);
    expect(code).toBe(0);
    for (const part of ['{"a":1}', 'TypeError', 'email.verified', key]) expect(out).toContain(part);
    expect((await eventsOf('dead-letter.shown')).slice(-1)).toMatchObject([{ data: { dead_letter_id: id, key } }]);
    expect(await run('dlq', 'show', 'token', '--id', '999999')).toMatchObject({ code: 1 });
  });

  test('replay releases the whole key, and is an audited event', async () => {
    const key = uuidv7();
    const [first] = [await park(key), await park(key)];
    const { code, out } = await run('dlq', 'replay', 'token', '--id', first);
    expect({ code, out }).toMatchObject({ code: 0, out: containing(`${key}: 2 messages`) });
    const released = await database.query('SELECT FROM parked_message WHERE key = $1 AND released_at IS NOT NULL', [
      key,
    ]);
    expect(released).toHaveLength(2);
    const [event] = (await eventsOf('dead-letter.replayed')).slice(-1);
    expect(event?.data).toEqual({ topic: 'email-verification.verifications', key, dead_letter_id: first, messages: 2 });
  });

  test('discard takes the selected messages only, and each is an audited event', async () => {
    const key = uuidv7();
    const [first, second] = [await park(key), await park(key)];
    expect(await run('dlq', 'discard', 'token', '--id', first)).toMatchObject({ code: 0 });
    expect(await parkedIds(key)).toEqual([second]);
    expect((await eventsOf('dead-letter.discarded')).slice(-1)).toMatchObject([
      { data: { dead_letter_id: first, key } },
    ]);
  });

  test('an action that cannot be recorded does not happen', async () => {
    const key = uuidv7();
    const id = await park(key);
    await database.query('ALTER TABLE outbox RENAME TO outbox_away');
    const { code } = await run('dlq', 'discard', 'token', '--id', id);
    await database.query('ALTER TABLE outbox_away RENAME TO outbox');
    expect(code).toBe(1);
    expect(await parkedIds(key)).toEqual([id]);
  });
});

describe('offsets', () => {
  const place = ['--topic', 'email-verification.verifications', '--partition', '0'];

  test('accept refuses what Kafka does not have, and a topic that the service does not consume', async () => {
    const outside = await run('offsets', 'accept', 'token', ...place, '--to', '5');
    expect(outside).toMatchObject({ code: 2, errors: containing('--to must be from 0 to 0') });
    const foreign = await run(
      'offsets',
      'accept',
      'token',
      '--topic',
      'audit.entries',
      '--partition',
      '0',
      '--to',
      '0',
    );
    expect(foreign).toMatchObject({ code: 2, errors: containing('email-verification.verifications') });
  });

  test('accept refuses while the service is consuming', async () => {
    const consumer = suite.kafka().consumer({ groupId: `${suite.topicPrefix}token` });
    await consumer.connect();
    await consumer.subscribe({ topic: `${suite.topicPrefix}email-verification.verifications` });
    const joined = Promise.withResolvers<void>();
    consumer.on(consumer.events.GROUP_JOIN, () => joined.resolve());
    await consumer.run({ autoCommit: false, eachMessage: () => Promise.resolve() });
    await joined.promise;
    const { code, errors } = await run('offsets', 'accept', 'token', ...place, '--to', '0');
    await consumer.disconnect();
    expect({ code, errors }).toMatchObject({ code: 1, errors: containing('stop it') });
  });

  test('accept puts the position there, list shows it, and it is an audited event', async () => {
    expect(await run('offsets', 'accept', 'token', ...place, '--to', '0')).toMatchObject({ code: 0 });
    expect((await run('offsets', 'list', 'token')).out).toMatch(
      /email-verification\.verifications\s+0\s+0 \(accepted\)/,
    );
    const [event] = (await eventsOf('offset.accepted')).slice(-1);
    expect(event).toMatchObject({ actor: 'operator ada', data: { partition: 0, from: null, to: '0' } });
  });
});

test('outbox rebase binds the cursor to this cluster, and is an audited event', async () => {
  const { code, out } = await run('outbox', 'rebase', 'token', '--from', 'retained');
  expect({ code, out }).toMatchObject({ code: 0, out: containing('the relay goes on with') });
  expect((await eventsOf('outbox.rebased')).slice(-1)).toMatchObject([{ data: { from: 'retained' } }]);
});

describe('keys', () => {
  const kids = async (state: string) =>
    [...(await run('keys', 'list')).out.matchAll(/^(\S+) +ES256 +(\S+)/gm)].flatMap(([, kid, of]) =>
      of === state ? kid : [],
    );

  test('rotate makes the first keys, and refuses a next one that nobody may have yet: then nothing is changed', async () => {
    const { code, errors } = await run('keys', 'rotate');
    expect({ code, errors }).toMatchObject({ code: 1, errors: containing('may sign from') });
    expect(await database.query('SELECT FROM signing_key')).toEqual([]);
    expect(await run('keys', 'rotate', 'HS256')).toMatchObject({ code: 1, errors: containing('HS256 is none of') });
  });

  test('revoke ends the key with its tokens and lets the next one sign, each an audited event of the operator', async () => {
    await rotateWhenPublishedLongAgo();
    const [[active], [next]] = [await kids('active'), await kids('pre-published')];
    expect(await run('keys', 'revoke', active!)).toMatchObject({ code: 0, out: containing('is revoked') });
    expect(await kids('active')).toEqual([next]);
    expect(await kids('revoked')).toContain(active);
    expect(await kids('pre-published')).toHaveLength(1);
    const [event] = (await eventsOf('signing-key.revoked')).slice(-1);
    expect(event).toMatchObject({ actor: 'operator ada', topic: 'token.keys', data: { kid: active } });
    expect((await eventsOf('token.revoked')).slice(-1)).toMatchObject([{ data: { scope: 'key', id: active } }]);
    expect(await run('keys', 'revoke', 'unknown')).toMatchObject({ code: 1, errors: containing('no signing key') });
  });

  /** Makes the first keys by revoking a made-up one, as an operator without a running service would see them. */
  async function rotateWhenPublishedLongAgo(): Promise<void> {
    await database.query(
      `INSERT INTO signing_key (kid, algorithm, public_jwk, sealed_private_key, published_at, active_from, retiring_from, gone_at)
       VALUES ('old', 'ES256', '{}', NULL, now() - interval '1 hour', now() - interval '1 hour', now(), now())`,
    );
    expect(await run('keys', 'revoke', 'old')).toMatchObject({ code: 0 });
    await database.query("UPDATE signing_key SET published_at = published_at - interval '10 minutes'");
    const { code, out } = await run('keys', 'rotate', 'ES256');
    expect({ code, out }).toMatchObject({ code: 0, out: containing('signs from now on') });
  }
});
