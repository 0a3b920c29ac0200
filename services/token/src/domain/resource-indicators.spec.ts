import { clientWith, errorCode } from './domain-fixtures.spec-support.ts';
import { narrowAudience, requestedResources } from './resource-indicators.ts';

const ISSUER = 'https://id.example';
const AUTHORIZATION = 'https://authz.example';
const AUDIT = 'https://audit.example/v1';
const resources = new Map([
  ['authorization', AUTHORIZATION],
  ['audit-log', AUDIT],
]);

test('a trailing slash more or less is the same resource, named once and as configured', () => {
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
  expect(narrowAudience([], [], ISSUER)).toEqual([ISSUER]);
});

test('a token request may narrow what was granted and never widen it', () => {
  expect(narrowAudience([], [AUTHORIZATION, AUDIT], ISSUER)).toEqual([AUTHORIZATION, AUDIT]);
  expect(narrowAudience([AUDIT], [AUTHORIZATION, AUDIT], ISSUER)).toEqual([AUDIT]);
  expect(errorCode(() => narrowAudience([AUDIT], [AUTHORIZATION], ISSUER))).toBe('invalid_target');
});

test('a grant that named no resource may be used for any', () => {
  expect(narrowAudience([AUDIT], [], ISSUER)).toEqual([AUDIT]);
});
