import fc from 'fast-check';
import { decide } from './decide.ts';
import type { DecisionRequest, HeldPermission, PermissionSet } from './decide.ts';
import { normalizePattern, patternsCovering } from './permission-pattern.ts';

const hold = (pattern: string, effect: 'allow' | 'deny' = 'allow'): HeldPermission => ({
  grantId: `${effect} ${pattern}`,
  roleId: null,
  pattern,
  effect,
});
const ask = (name: string, scope: 'organization' | 'platform' = 'organization', inPlatformOrganization = false) => ({
  permission: { name, scope },
  inPlatformOrganization,
});

test('who holds nothing is denied', () => {
  expect(decide([], ask('activity:read'))).toEqual({ allowed: false, by: null });
});

test.each(['activity:read', 'activity:*', '*:read', '*:*'])('%s covers activity:read', (pattern) => {
  expect(decide([hold(pattern)], ask('activity:read'))).toEqual({ allowed: true, by: hold(pattern) });
});

test.each(['activity:write', 'activities:read', 'act*:read', 'activity:rea', '*:write', 'other:*', 'activity'])(
  '%s does not cover activity:read',
  (pattern) => expect(decide([hold(pattern)], ask('activity:read')).allowed).toBe(false),
);

test('a deny wins over every allow, however exact the allow and wherever it stands', () => {
  const set = [hold('activity:read'), hold('*:*', 'deny'), hold('activity:*')];
  expect(decide(set, ask('activity:read'))).toEqual({ allowed: false, by: hold('*:*', 'deny') });
});

test('no wildcard covers a platform permission, neither to allow nor to deny it', () => {
  const platform = ask('authorization:check', 'platform', true);
  for (const pattern of ['*:*', 'authorization:*', '*:check'])
    expect(decide([hold(pattern)], platform).allowed).toBe(false);
  expect(decide([hold('authorization:check'), hold('*:*', 'deny')], platform).allowed).toBe(true);
});

test('a platform permission is held in the platform organisation only', () => {
  const set = [hold('authorization:check')];
  expect(decide(set, ask('authorization:check', 'platform', true)).allowed).toBe(true);
  expect(decide(set, ask('authorization:check', 'platform', false)).allowed).toBe(false);
});

test('* alone is stored as *:*', () => expect(normalizePattern('*')).toBe('*:*'));

const segment = fc.constantFrom('invoice', 'activity', 'read', 'write');
const permission = fc.tuple(segment, segment).map((parts) => parts.join(':'));
const wild = fc.oneof(segment, fc.constant('*'));
const pattern = fc.tuple(wild, wild).map((parts) => parts.join(':'));
const held = fc.record<HeldPermission>({
  grantId: fc.uuid(),
  roleId: fc.option(fc.uuid()),
  pattern,
  effect: fc.constantFrom('allow', 'deny'),
});
const set = fc.array(held, { maxLength: 12 });
const request = fc.record<DecisionRequest>({
  permission: fc.record({ name: permission, scope: fc.constantFrom('organization', 'platform') }),
  inPlatformOrganization: fc.boolean(),
});

/** The same rules, said segment by segment. */
function reference(grants: PermissionSet, { permission: { name, scope }, inPlatformOrganization }: DecisionRequest) {
  const asked = name.split(':');
  const covers = (p: string) =>
    p.split(':').every((part, i) => part === asked[i] || (part === '*' && scope !== 'platform'));
  const effects = new Set(grants.filter((grant) => covers(grant.pattern)).map((grant) => grant.effect));
  return effects.has('allow') && !effects.has('deny') && (scope === 'organization' || inPlatformOrganization);
}

test('the engine agrees with a reference that compares segment by segment', () => {
  fc.assert(
    fc.property(set, request, (s, r) => decide(s, r).allowed === reference(s, r)),
    { numRuns: 5_000 },
  );
});

test('the comparison catches an engine in which an allow can win over a deny', () => {
  const firstWins = (s: PermissionSet, r: DecisionRequest) =>
    s.find((h) => patternsCovering(r.permission.name).includes(h.pattern))?.effect === 'allow';
  const property = fc.property(set, request, (s, r) => firstWins(s, r) === reference(s, r));
  expect(fc.check(property, { numRuns: 5_000 }).failed).toBe(true);
});

test('an allow more never takes a permission away, and a deny more never gives one', () => {
  const monotonous = fc.property(set, held, request, (s, extra, r) => {
    const [before, after] = [decide(s, r).allowed, decide([...s, extra], r).allowed];
    return before === after || after === (extra.effect === 'allow');
  });
  fc.assert(monotonous, { numRuns: 5_000 });
});

test('the order of grants does not matter, and a set cut down to the covering patterns decides the same', () => {
  const cut = fc.property(set, request, (s, r) => {
    const covering = s.filter((h) => patternsCovering(r.permission.name).includes(h.pattern));
    const allowed = decide(s, r).allowed;
    return decide([...s].reverse(), r).allowed === allowed && decide(covering, r).allowed === allowed;
  });
  fc.assert(cut, { numRuns: 2_000 });
});
