import { clientWith, errorCode, resourceWith } from './domain-fixtures.spec-support.ts';
import { narrowAudience, requestedResources, requireTakenScope, takenScope } from './resource-indicators.ts';

const ISSUER = 'https://id.example';
const AUTHORIZATION = 'https://authz.example';
const AUDIT = 'https://audit.example/v1';
const ORDERS = 'https://orders.example';
const resources = [
  resourceWith('authorization', AUTHORIZATION),
  resourceWith('audit-log', AUDIT),
  resourceWith('orders', ORDERS, { scopes: [{ name: 'orders:read', description: '' }] }),
];
const narrow = (requested: readonly string[], granted: readonly string[], client = clientWith()) =>
  narrowAudience(requested, granted, ISSUER, { client, resources });

test('a trailing slash more or less is the same resource, named once and as it is described', () => {
  const requested = [AUTHORIZATION, `${AUTHORIZATION}/`, `${AUDIT}/`];
  expect(requestedResources(requested, clientWith(), resources)).toEqual([AUTHORIZATION, AUDIT]);
});

test.each(['https://evil.example', `${AUTHORIZATION}//`, `${AUTHORIZATION}#x`, `${AUTHORIZATION}?x`, 'authorization'])(
  '%s is no resource',
  (url) => {
    expect(errorCode(() => requestedResources([url], clientWith(), resources))).toBe('invalid_target');
  },
);

test('a client gets tokens only for the resources that it is registered for', () => {
  const client = clientWith({ resources: ['audit-log'] });
  expect(requestedResources([AUDIT], client, resources)).toEqual([AUDIT]);
  expect(errorCode(() => requestedResources([AUTHORIZATION], client, resources))).toBe('invalid_target');
});

test('without any resource the audience is the issuer', () => {
  expect(narrow([], [])).toEqual([ISSUER]);
});

test('a token request may narrow what was granted and never widen it', () => {
  expect(narrow([], [AUTHORIZATION, AUDIT])).toEqual([AUTHORIZATION, AUDIT]);
  expect(narrow([AUDIT], [AUTHORIZATION, AUDIT])).toEqual([AUDIT]);
  expect(errorCode(() => narrow([AUDIT], [AUTHORIZATION]))).toBe('invalid_target');
});

test('a grant that named no resource may be used for any', () => {
  expect(narrow([AUDIT], [])).toEqual([AUDIT]);
});

test('what was granted and is no resource any more, or none of the client, is gone from the grant', () => {
  const gone = 'https://gone.example';
  expect(narrow([], [gone, AUDIT])).toEqual([AUDIT]);
  expect(errorCode(() => narrow([], [gone]))).toBe('invalid_target');
  const client = clientWith({ resources: ['orders'] });
  expect(narrow([], [ORDERS, AUDIT], client)).toEqual([ORDERS]);
  expect(errorCode(() => narrow([], [AUDIT], client))).toBe('invalid_target');
});

describe('the scope of a token for a resource that lists its scopes', () => {
  const scope = ['openid', 'orders:read', 'orders:write'];

  test('has those and what is of the issuer; what else was granted is left out', () => {
    expect(takenScope(scope, [ORDERS], resources)).toEqual(['openid', 'orders:read']);
  });

  test('named in the request, one that it does not have is refused', () => {
    const named = (names: string[]) => errorCode(() => requireTakenScope(names, [ORDERS], resources));
    expect(named(scope)).toBe('invalid_scope');
    expect(named(['openid', 'orders:read'])).toBe('none');
  });

  test('is that of all resources of the token, and one that lists none takes any', () => {
    expect(takenScope(scope, [ORDERS, AUDIT], resources)).toEqual(scope);
    expect(takenScope(['orders:read'], [], resources)).toEqual([]);
  });
});
