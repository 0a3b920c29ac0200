import { accountRegistered } from '@gatehouse/contracts';
import { decodeMessage, encodeHeaders, isTombstone, parseMessage, recordBytes, UnreadableMessage } from './wire.ts';
import type { KafkaRecord } from './wire.ts';

const data = accountRegistered.examples[0];
const context = {
  actor_kind: 'account',
  actor_id: 'ada',
  request_id: 'req',
  ip: '192.0.2.7',
  user_agent: 'ü/1',
} as const;
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

function record(
  overrides: Record<string, string | undefined> = {},
  value: Buffer | null = Buffer.from(JSON.stringify(data)),
): KafkaRecord {
  const headers: Record<string, string | undefined> = {
    ...encodeHeaders({
      id: 'id-1',
      event: accountRegistered,
      service: 'token',
      key: data.account_id,
      context,
      trace: { traceparent },
    }),
    ce_time: '2026-01-01T00:00:00.123Z',
    ce_sequence: '7',
    ...overrides,
  };
  const bytes = Object.entries(headers).flatMap(([name, text]) =>
    text === undefined ? [] : [[name, Buffer.from(text)]],
  );
  const place = { topic: 'token.accounts', partition: 2, offset: '5' };
  return {
    ...place,
    key: Buffer.from(data.account_id),
    value,
    headers: Object.fromEntries(bytes) as KafkaRecord['headers'] & object,
  };
}

describe('the wire format', () => {
  test('gives a consumer back what the producer put in', () => {
    expect(decodeMessage(record())).toMatchObject({
      id: 'id-1',
      type: 'account.registered',
      version: 1,
      source: '/gatehouse/token',
      time: new Date('2026-01-01T00:00:00.123Z'),
      key: data.account_id,
      sequence: 7,
      data,
      context,
      traceparent,
      topic: 'token.accounts',
      partition: 2,
      offset: '5',
    });
  });

  test('leaves out what is unknown, instead of sending it empty', () => {
    const unknown = { actor_kind: 'anonymous', actor_id: null, request_id: null, ip: null, user_agent: null } as const;
    const headers = encodeHeaders({
      id: 'i',
      event: accountRegistered,
      service: 'token',
      key: 'k',
      context: unknown,
      trace: {},
    });
    expect(Object.keys(headers).sort()).toEqual([
      'ce_actorkind',
      'ce_dataschema',
      'ce_id',
      'ce_source',
      'ce_specversion',
      'ce_subject',
      'ce_type',
      'content-type',
    ]);
  });

  test.each([
    ['no specversion', { ce_specversion: undefined }],
    ['a foreign specversion', { ce_specversion: '0.3' }],
    ['no id', { ce_id: undefined }],
    ['no type', { ce_type: undefined }],
    ['a version of another type', { ce_dataschema: 'urn:gatehouse:event:other:1' }],
    ['a version that is no number', { ce_dataschema: 'urn:gatehouse:event:account.registered:one' }],
    ['a time that is none', { ce_time: 'yesterday' }],
    ['a sequence that is none', { ce_sequence: '0' }],
    ['an unknown kind of actor', { ce_actorkind: 'robot' }],
  ])('an envelope with %s is unreadable', (_, overrides) => {
    expect(() => decodeMessage(record(overrides))).toThrow(UnreadableMessage);
  });

  test.each([
    ['not JSON', Buffer.from('{')],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ])('a value that is %s is unreadable', (_, value) => {
    expect(() => decodeMessage(record({}, value))).toThrow('not JSON in UTF-8');
  });

  test('data that does not fit its declared event is unreadable, and the reason shows no value', () => {
    const secret = 'not-a-uuid-but-perhaps-a-secret';
    const raw = decodeMessage(record({}, Buffer.from(JSON.stringify({ ...data, account_id: secret }))));
    expect(() => parseMessage(raw)).toThrow(/account_id/);
    expect(() => parseMessage(raw)).not.toThrow(secret);
  });

  test('an event that this build does not know keeps its envelope and its data', () => {
    const raw = decodeMessage(record({ ce_dataschema: 'urn:gatehouse:event:account.registered:99' }));
    expect(raw).toMatchObject({ version: 99, data });
    expect(parseMessage(raw)).toBeUndefined();
  });

  test('a record without a value is a tombstone, an empty one is not', () => {
    expect(isTombstone({ value: null })).toBe(true);
    expect(isTombstone({ value: Buffer.alloc(0) })).toBe(false);
  });

  test('bytes are counted, not characters', () => {
    expect(recordBytes('k', {}, 'üü') - recordBytes('k', {}, 'uu')).toBe(2);
  });
});
