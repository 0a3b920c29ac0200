import {
  accessDenied,
  accountRegistered,
  auditEntry,
  events,
  PLATFORM_ORGANIZATION_ID,
  requestsRefused,
  topicsOf,
} from '@gatehouse/contracts';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.ts';
import { commitmentOf } from './commitment.ts';
import { draftConflict, draftEntry, MAX_ENTRY_BYTES } from './draft-entry.ts';
import { entryOf, newSalt, received } from './entry.spec-support.ts';
import { leafHash } from './leaf.ts';

const refusal = requestsRefused.examples[0];
const registration = accountRegistered.examples[0];
const ORGANIZATION = '0198f0c5-7a52-7c3e-9a60-0d6f4d1b2a07';

test('an entry answers who, what, to what, from where, when, how it ended and under which trace', () => {
  const { entry } = entryOf(received(accountRegistered, registration));
  expect(entry).toEqual({
    encoding: 1,
    log: 'platform',
    sequence: 7,
    recorded: '2026-01-01T00:00:01.000Z',
    occurred: '2026-01-01T00:00:00.000Z',
    event: {
      source: '/gatehouse/token',
      id: '0198f0c3-7a52-7c3e-9a60-0d6f4d1b2a05',
      type: 'account.registered',
      version: 1,
      key: 'key-1',
      sequence: 1,
    },
    actor: { kind: 'client', id: 'demo' },
    action: 'account.register',
    target: { kind: 'account', id: registration.account_id },
    outcome: 'success',
    reason: null,
    organization_id: null,
    origin: { service: 'token' },
    trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
    request_id: 'request-1',
    data: registration,
    commitments: { '/origin/ip': expect.any(String) as string, '/origin/user_agent': expect.any(String) as string },
  });
});

test.each(events.filter((event) => topicsOf(event).some((topic) => topic.audited)).map((event) => [event.type, event]))(
  'an example of %s becomes an entry that fits the contract and hides nothing but what is personal',
  (_, event) => {
    for (const example of event.examples) {
      const { entry, placed } = entryOf(received(event, example));
      expect(auditEntry.parse(entry)).toEqual(entry);
      const disclosed = Object.fromEntries(
        placed.draft.seals
          .filter((seal) => seal.pointer.startsWith('/data/'))
          .map((seal) => [seal.pointer.slice(6), seal.value]),
      );
      expect({ ...entry.data, ...disclosed }).toEqual(example);
    }
  },
);

test('no personal value is in the bytes of an entry, and every one can be proved from its seal', () => {
  const { entry, placed } = entryOf(received(requestsRefused, { ...refusal, source: '198.51.100.9' }));
  const text = placed.bytes.toString();
  for (const value of ['198.51.100.9', '192.0.2.7', 'curl/8']) expect(text).not.toContain(value);
  expect(Object.keys(entry.commitments).sort()).toEqual(['/data/source', '/origin/ip', '/origin/user_agent']);
  for (const seal of placed.draft.seals) expect(entry.commitments[seal.pointer]).toBe(commitmentOf(seal));
});

test('a seal names the person whom its value concerns', () => {
  const { placed } = entryOf(received(requestsRefused, refusal));
  const subjects = placed.draft.seals.map(({ pointer, subject }) => [pointer, subject]);
  expect(Object.fromEntries(subjects)).toEqual({
    '/data/source': refusal.source,
    '/origin/ip': 'demo',
    '/origin/user_agent': 'demo',
  });
});

test('an entry without its commitments, or with the value in the open, has another hash', () => {
  const { entry, placed } = entryOf(received(requestsRefused, refusal));
  const rehash = (changed: object) => leafHash(Buffer.from(canonicalJson(changed)));
  expect(rehash(entry)).toEqual(placed.leafHash);
  expect(rehash({ ...entry, commitments: {} })).not.toEqual(placed.leafHash);
  expect(rehash({ ...entry, data: { ...entry.data, source: refusal.source } })).not.toEqual(placed.leafHash);
});

test('two entries of one event differ in their hashes, because their salts are fresh', () => {
  const event = received(requestsRefused, refusal);
  expect(entryOf(event).placed.leafHash).not.toEqual(entryOf(event).placed.leafHash);
});

test('an unknown type becomes an entry whose data is wholly committed, with the bytes beside it', () => {
  const { entry, placed } = entryOf(received({ type: 'robot.built', version: 3 }, { name: 'Marvin' }));
  expect(entry).toMatchObject({ action: 'robot.built', outcome: 'unknown', log: 'platform' });
  expect(entry).not.toHaveProperty('data');
  expect(placed.bytes.toString()).not.toContain('Marvin');
  const content = placed.draft.seals.find((seal) => seal.pointer === '/data')!.value as string;
  expect(JSON.parse(Buffer.from(content, 'base64').toString())).toEqual({ name: 'Marvin' });
});

test.each([
  ['a newer version', { type: 'account.registered', version: 2 }, registration],
  ['data that is not as declared', accountRegistered, { ...registration, account_id: 7 }],
  ['data that is no object', accountRegistered, 'text'],
  ['a lone surrogate', accountRegistered, { ...registration, note: '\ud800' }],
])('%s of a known event is kept as opaque data', (_, event, data) => {
  const { entry } = entryOf(received(event, data));
  expect(entry.commitments).toHaveProperty(['/data']);
});

test('a field that a newer producer added is kept, and sealed because it may be personal', () => {
  const { entry, placed } = entryOf(received(accountRegistered, { ...registration, nickname: 'Ada' }));
  expect(entry.data).toEqual(registration);
  expect(placed.draft.seals).toContainEqual(
    expect.objectContaining({ pointer: '/data/nickname', value: 'Ada', subject: null }),
  );
});

const logOfDenial = (data: { organization_id: string | null; belongs: boolean | undefined }) =>
  draftEntry(received(accessDenied, { ...accessDenied.examples[0], ...data }), newSalt).log;

test('a fact of an organisation belongs to its log; of none, of the platform or of a malformed one to the platform log', () => {
  const logOf = (organization_id: string | null) => logOfDenial({ organization_id, belongs: true });
  expect(logOf(ORGANIZATION)).toBe(`org-${ORGANIZATION}`);
  expect(logOf(ORGANIZATION.toUpperCase())).toBe(`org-${ORGANIZATION}`);
  expect(logOf(null)).toBe('platform');
  expect(logOf(PLATFORM_ORGANIZATION_ID)).toBe('platform');
  expect(logOf('../platform')).toBe('platform');
});

test('the denial of somebody who does not belong to the organisation, or is not said to, is none of its log', () => {
  expect(logOfDenial({ organization_id: ORGANIZATION, belongs: false })).toBe('platform');
  expect(logOfDenial({ organization_id: ORGANIZATION, belongs: undefined })).toBe('platform');
  expect(logOfDenial({ organization_id: ORGANIZATION, belongs: true })).toBe(`org-${ORGANIZATION}`); // the control
});

test('an event that would not fit is wrapped: digest in the entry, content beside it', () => {
  const large = { ...accessDenied.examples[0], endpoint: 'e'.repeat(MAX_ENTRY_BYTES / 3) };
  const { entry, placed } = entryOf(received(accessDenied, { ...large, permission: 'p'.repeat(MAX_ENTRY_BYTES / 3) }));
  expect(placed.bytes.length).toBeLessThanOrEqual(MAX_ENTRY_BYTES);
  expect(entry).not.toHaveProperty('data');
  expect(entry).toMatchObject({ action: 'access.request', outcome: 'denied' });
  expect(placed.draft.seals.find((seal) => seal.pointer === '/data')).toBeDefined();
});

test('an event whose very view does not fit is refused, never cut', () => {
  const event = received(accessDenied, { ...accessDenied.examples[0], endpoint: 'e'.repeat(MAX_ENTRY_BYTES) });
  expect(() => entryOf(event)).toThrow(RangeError);
});

test('an event from the year 10000 is refused, for its entry could not be shown', () => {
  const time = new Date('+010000-01-01T00:00:00.000Z');
  expect(() => entryOf(received(accountRegistered, registration, { time }))).toThrow(RangeError);
});

test('the content digest ignores how an event was delivered and notices what it says', () => {
  const event = received(accountRegistered, registration);
  const digestOf = (other: typeof event) => draftEntry(other, newSalt).identity.digest;
  expect(digestOf({ ...event, headers: { ...event.headers, traceparent: 'other' } })).toEqual(digestOf(event));
  expect(digestOf({ ...event, headers: { ...event.headers, ce_type: 'other' } })).not.toEqual(digestOf(event));
  expect(digestOf({ ...event, value: Buffer.from('{}') })).not.toEqual(digestOf(event));
});

test('an event with the id of another and other content becomes a conflict, under an identity of its own', () => {
  const event = received(accountRegistered, registration);
  const conflict = draftConflict(event, newSalt);
  expect(conflict.body).toMatchObject({ action: 'audit.conflict', outcome: 'failure', target: { id: event.id } });
  expect(conflict.identity.id).not.toBe(event.id);
  expect(conflict.body.commitments).toHaveProperty(['/data']);
});

test("the bytes of an entry are the canonical JSON of the entry, whatever an event's data is", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), (data, key) => {
      const event = received({ type: 'robot.built', version: 1 }, data, { key: key.toWellFormed() });
      const { entry, placed } = entryOf(event);
      expect(canonicalJson(entry)).toBe(placed.bytes.toString());
      expect(leafHash(placed.bytes)).toEqual(placed.leafHash);
      expect(auditEntry.safeParse(entry).error).toBeUndefined();
    }),
  );
});

test('declared data keeps its meaning in the bytes, whatever it is', () => {
  const counts = fc.dictionary(fc.string(), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }));
  fc.assert(
    fc.property(counts, (counted) => {
      const { entry, placed } = entryOf(received(requestsRefused, { ...refusal, counts: counted }));
      expect(canonicalJson(entry)).toBe(placed.bytes.toString());
      expect(entry.data?.counts).toEqual(counted);
    }),
  );
});
