import fc from 'fast-check';
import {
  audiencesOf,
  detailsFor,
  liveDetails,
  narrowedDetails,
  requestedDetails,
  type AuthorizationDetail,
} from './authorization-details.ts';
import { clientWith, errorCode, metadata, resourceWith } from './domain-fixtures.spec-support.ts';

const PAY = 'https://pay.example';
const FILES = 'https://files.example';
const payment = {
  type: 'payment',
  description: 'pay',
  members: [
    { name: 'creditor', kind: 'text' as const, required: true },
    { name: 'actions', kind: 'texts' as const, required: false, values: ['initiate', 'status', 'cancel'] },
    { name: 'urgent', kind: 'boolean' as const, required: false },
    {
      name: 'amount',
      kind: 'object' as const,
      required: true,
      members: [
        { name: 'currency', kind: 'text' as const, required: true, values: ['EUR'] },
        { name: 'value', kind: 'number' as const, required: true },
      ],
    },
  ],
};
const file = { type: 'file', description: 'read a file', members: [] };
const resources = [
  resourceWith('pay', PAY, { authorization_details_types: [payment] }),
  resourceWith('files', FILES, { authorization_details_types: [file] }),
];
const client = clientWith({ metadata: { ...metadata, authorization_details_types: ['payment', 'file', 'none'] } });
const targets = { client, resources };
const valid = {
  type: 'payment',
  creditor: 'Ada',
  amount: { currency: 'EUR', value: 12 },
  actions: ['initiate', 'status'],
};
const ask = (...details: unknown[]) => requestedDetails(JSON.stringify(details), targets);

test('what is as its type says is taken as it is, and nothing of a request without it', () => {
  expect(ask(valid, { type: 'file', locations: [FILES, `${FILES}/a`] })).toEqual([
    valid,
    { type: 'file', locations: [FILES, `${FILES}/a`] },
  ]);
  expect(requestedDetails(undefined, targets)).toEqual([]);
});

test.each<[string, string]>([
  ['no JSON', 'payment'],
  ['no list', JSON.stringify(valid)],
  ['an empty list', '[]'],
  ['a text in the list', '["payment"]'],
  ['no type', '[{"creditor":"Ada"}]'],
  ['a type that is no text', '[{"type":1}]'],
  ['too many', JSON.stringify(Array.from({ length: 21 }, () => ({ type: 'file' })))],
  ['too much', JSON.stringify([{ ...valid, creditor: '\u20ac'.repeat(1_000) }])],
  ['nothing but depth', '['.repeat(4_000) + ']'.repeat(4_000)],
])('%s is refused', (_, text) => {
  expect(errorCode(() => requestedDetails(text, targets))).toBe('invalid_authorization_details');
});

test.each<[string, unknown]>([
  ['an unknown type', { type: 'none' }],
  ['a member that the type does not have', { ...valid, more: 1 }],
  ['a member that every object has', JSON.parse('{"type":"file","__proto__":{"a":1}}')],
  ['a member that is missing', { type: 'payment', creditor: 'Ada' }],
  ['a member that only the prototype has', { type: 'payment', amount: valid.amount, toString: 'x' }],
  ['a number for a text', { ...valid, creditor: 1 }],
  ['a text for a list', { ...valid, actions: 'initiate' }],
  ['an empty list', { ...valid, actions: [] }],
  ['a value that is none', { ...valid, actions: ['initiate', 'steal'] }],
  ['a text for a boolean', { ...valid, urgent: 'true' }],
  ['a list for an object', { ...valid, amount: [valid.amount] }],
  ['null for an object', { ...valid, amount: null }],
  ['a text for a number inside', { ...valid, amount: { currency: 'EUR', value: '12' } }],
  ['a value that is none inside', { ...valid, amount: { currency: 'USD', value: 12 } }],
  ['a member inside that is none', { ...valid, amount: { ...valid.amount, more: 1 } }],
  ['an unpaired surrogate', { ...valid, creditor: '\ud800' }],
  ['another location', { type: 'file', locations: [`${FILES}.evil.example`] }],
  ['the location of another resource', { type: 'file', locations: [FILES, PAY] }],
])('%s is refused', (_, detail) => {
  expect(errorCode(() => ask(detail))).toBe('invalid_authorization_details');
});

test('a client uses the types that it is registered for, of resources that it may ask for', () => {
  const by = (changes: Parameters<typeof clientWith>[0]) =>
    errorCode(() => requestedDetails(JSON.stringify([valid]), { resources, client: clientWith(changes) }));
  expect(by({})).toBe('invalid_authorization_details');
  expect(by({ metadata: { ...metadata, authorization_details_types: ['file'] } })).toBe(
    'invalid_authorization_details',
  );
  expect(by({ metadata: client.metadata, resources: ['files'] })).toBe('invalid_authorization_details');
  expect(by({ metadata: client.metadata, resources: ['pay'] })).toBe('none');
});

test('each resource gets its own, and what is of no resource any more is nobody\u2019s', () => {
  const both = ask(valid, { type: 'file' });
  expect(audiencesOf(both, resources)).toEqual([PAY, FILES]);
  expect(detailsFor([PAY], both, resources)).toEqual([valid]);
  expect(detailsFor(['https://id.example'], both, resources)).toEqual([]);
  expect(liveDetails(both, { client, resources: resources.slice(0, 1) })).toEqual([valid]);
  expect(liveDetails(both, { client: clientWith(), resources })).toEqual([]);
});

describe('a later request', () => {
  const narrow = (...details: unknown[]) =>
    errorCode(() => narrowedDetails(JSON.stringify(details), [valid, { type: 'file' }]));

  test('may ask for the same or for less', () => {
    for (const less of [[valid], [{ type: 'file' }], [{ ...valid, actions: ['status'] }]])
      expect(narrow(...less)).toBe('none');
    expect(narrow({ ...valid, amount: { value: 12, currency: 'EUR' } })).toBe('none');
  });

  test.each<[string, unknown]>([
    ['another type', { type: 'none' }],
    ['another value', { ...valid, creditor: 'Eve' }],
    ['another value inside', { ...valid, amount: { currency: 'EUR', value: 13 } }],
    ['a member less, which may mean more', { type: 'payment', creditor: 'Ada', amount: valid.amount }],
    ['a member more', { ...valid, urgent: true }],
    ['one in a list more', { ...valid, actions: ['initiate', 'cancel'] }],
    ['an empty list, which may mean any', { ...valid, actions: [] }],
    ['a list for a text', { ...valid, creditor: ['Ada'] }],
  ])('never asks for %s', (_, detail) => {
    expect(narrow(detail)).toBe('invalid_authorization_details');
  });
});

const json = fc.jsonValue({ maxDepth: 2 });
const details = fc.dictionary(fc.constantFrom('a', 'b', 'c'), json).map((members) => ({ ...members, type: 'x' }));
type Check = (text: string, granted: readonly AuthorizationDetail[]) => unknown;

/** Whatever is asked for and passes has no member of its own and no text that was not granted. */
function neverWidens(check: Check): boolean {
  return (
    fc.check(
      fc.property(details, details, (asked, granted) => {
        const passes = errorCode(() => check(JSON.stringify([asked]), [granted])) === 'none';
        return !passes || JSON.stringify(Object.keys(asked).sort()) === JSON.stringify(Object.keys(granted).sort());
      }),
      { numRuns: 500, seed: 1 },
    ).failed === false
  );
}

test('whatever a later request asks for, it has exactly the members that were granted', () => {
  expect(neverWidens(narrowedDetails)).toBe(true);
});

test('negative control: a check that looks only at the members that the request has is caught', () => {
  const lenient: Check = (text, granted) => {
    const asked = (JSON.parse(text) as AuthorizationDetail[])[0] ?? { type: '' };
    const within = granted.some((one) =>
      Object.entries(asked).every(([name, value]) => JSON.stringify(one[name]) === JSON.stringify(value)),
    );
    if (!within) throw Object.assign(new Error(), { code: 'refused' });
  };
  expect(neverWidens(lenient)).toBe(false);
});
