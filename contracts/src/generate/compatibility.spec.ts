import { contractBreaks, describeBreak, type Contracts } from './compatibility.ts';
import { generateDocuments, parseDocuments, readDocuments } from './documents.ts';

test('nothing that follows the last released contracts breaks', async () => {
  const current = parseDocuments(generateDocuments());
  const released = parseDocuments(await readDocuments('released'));
  expect(contractBreaks(released, current).map(describeBreak)).toEqual([]);
});

/** A document as a tree that a test may cut. */
type Tree = { [key: string]: Tree } & { required: string[]; enum: unknown[] };

/** Applies `mutate` to a copy of the present contracts and judges it against the present ones as released. */
function breaksAfter(mutate: (contracts: { asyncapi: Tree; openapi: Tree }) => void): string[] {
  const released = parseDocuments(generateDocuments());
  const current = structuredClone(released);
  mutate(current as unknown as { asyncapi: Tree; openapi: Tree });
  return contractBreaks(released, current).map(describeBreak);
}

const message = (contracts: { asyncapi: Tree }, service: string, name: string): Tree =>
  contracts.asyncapi[service]!.components!.messages![name]!;
const search = (contracts: { openapi: Tree }): Tree =>
  contracts.openapi['audit-log']!.paths!['/api/v1/audit/entries']!.get!;
const registration = (contracts: { openapi: Tree }): Tree =>
  contracts.openapi.token!.paths!['/api/v1/accounts']!.post!.requestBody!.content!['application/json']!.schema!;

test('an unchanged set of contracts breaks nobody', () => {
  expect(breaksAfter(() => undefined)).toEqual([]);
});

test('additions break nobody: a field, an event, an endpoint, an optional parameter', () => {
  const breaks = breaksAfter((contracts) => {
    message(contracts, 'token', 'account.registered.v1').payload!.properties!.locale = { type: 'string' } as never;
    contracts.asyncapi.token!.channels!['token.accounts']!.messages!['account.renamed.v1'] = {} as never;
    contracts.openapi.token!.paths!['/api/v1/new'] = { get: { operationId: 'token.new' } } as never;
    (search(contracts).parameters as unknown as object[]).push({
      name: 'page',
      in: 'query',
      required: false,
      schema: {},
    });
  });
  expect(breaks).toEqual([]);
});

test.each<[string, (contracts: { asyncapi: Tree; openapi: Tree }) => void, string]>([
  [
    'a removed event names its consumers',
    ({ asyncapi }) => delete asyncapi.token!.channels!['token.accounts']!.messages!['account.verified.v1'],
    'token: event account.verified.v1: is no longer sent on token.accounts; breaks audit-log',
  ],
  [
    'a topic that is no longer written',
    ({ asyncapi }) => delete asyncapi.token!.operations!['send.token.revocations'],
    'token: topic token.revocations: is no longer written; breaks token, authorization, audit-log, email-verification',
  ],
  [
    'another number of partitions',
    ({ asyncapi }) => (asyncapi.token!.channels!['token.accounts']!.bindings!.kafka!.partitions = 12 as never),
    'token: topic token.accounts: the number of partitions changed, which ends the order within a key; breaks audit-log',
  ],
  [
    'a shorter retention',
    ({ asyncapi }) =>
      (asyncapi.token!.channels!['token.revocations']!.bindings!.kafka!.topicConfiguration!['retention.ms'] =
        1 as never),
    'token: topic token.revocations: records are kept for a shorter time; breaks token, authorization, audit-log, email-verification',
  ],
  [
    'a removed field of an event',
    (contracts) => {
      const { payload } = message(contracts, 'email-verification', 'email.verified.v1');
      delete payload!.properties!.account_id;
      payload!.required = payload!.required.filter((name) => name !== 'account_id');
    },
    'email-verification: event email.verified.v1: payload /account_id was removed; breaks token, audit-log',
  ],
  [
    'a field of an event that may now be absent',
    (contracts) => (message(contracts, 'token', 'account.registered.v1').payload!.required = ['account_id']),
    'token: event account.registered.v1: payload /address_id is no longer always sent; breaks audit-log',
  ],
  [
    'a field of an event of another type',
    (contracts) =>
      (message(contracts, 'token', 'account.registered.v1').payload!.properties!.account_id = {
        type: 'integer',
      } as never),
    'token: event account.registered.v1: payload /account_id may be `integer` where `string` is read; breaks audit-log',
  ],
  [
    'a value that no released consumer knows',
    (contracts) => message(contracts, 'token', 'token.revoked.v1').payload!.properties!.scope!.enum.push('device'),
    'token: event token.revoked.v1: payload /scope may be "device", which is not read; breaks token, authorization, audit-log, email-verification',
  ],
  [
    'a removed endpoint',
    ({ openapi }) => delete openapi['audit-log']!.paths!['/api/v1/audit/entries'],
    'audit-log: endpoint audit-log.list-entries (GET /api/v1/audit/entries): was removed; breaks callers of audit-log.list-entries',
  ],
  [
    'a removed parameter',
    (contracts) => (search(contracts).parameters as unknown as object[]).shift(),
    'audit-log: endpoint audit-log.list-entries (GET /api/v1/audit/entries): parameter org_id was removed; breaks callers of audit-log.list-entries',
  ],
  [
    'a parameter that has become required',
    (contracts) => ((search(contracts).parameters as unknown as { required: boolean }[])[0]!.required = true),
    'audit-log: endpoint audit-log.list-entries (GET /api/v1/audit/entries): parameter org_id has become required; breaks callers of audit-log.list-entries',
  ],
  [
    'a new required field of an input',
    (contracts) => {
      registration(contracts).properties!.name = { type: 'string' } as never;
      registration(contracts).required.push('name');
    },
    'token: endpoint token.register-account (POST /api/v1/accounts): request body /name has become required; breaks callers of token.register-account',
  ],
  [
    'a narrower field of an input',
    (contracts) => (registration(contracts).properties!.password!.maxLength = 8 as never),
    'token: endpoint token.register-account (POST /api/v1/accounts): request body /password maxLength is 8 where it is read and 128 where it is written; breaks callers of token.register-account',
  ],
  [
    'a removed field of an answer, deep inside',
    (contracts) =>
      delete search(contracts).responses!['200']!.content!['application/json']!.schema!.properties!.entries!.items!
        .properties!.leaf_hash,
    'audit-log: endpoint audit-log.list-entries (GET /api/v1/audit/entries): response 200 /entries/-/leaf_hash was removed; breaks callers of audit-log.list-entries',
  ],
  [
    'another permission',
    (contracts) => (search(contracts)['x-permission'] = { name: 'audit:export' } as never),
    'audit-log: endpoint audit-log.list-entries (GET /api/v1/audit/entries): asks for other credentials or permissions; breaks callers of audit-log.list-entries',
  ],
])('%s is a break, and it says whose', (_, mutate, expected) => {
  expect(breaksAfter(mutate)).toContain(expected);
});

test('a document that disappears breaks everyone who reads its topics', () => {
  const released = parseDocuments(generateDocuments());
  const { token: _, ...asyncapi } = released.asyncapi;
  const current: Contracts = { ...released, asyncapi };
  expect(contractBreaks(released, current).map(describeBreak)).toContain(
    'token: topic token.accounts: is no longer written; breaks audit-log',
  );
});
