import { Provider } from '../conformance/provider.ts';
import { cases } from './cases.ts';
import { differences } from './differences.ts';
import type { Observation } from './observation.ts';
import { Reference, type Side } from './reference.ts';

let gatehouse: Provider;
let reference: Reference;
beforeAll(async () => {
  [gatehouse, reference] = await Promise.all([Provider.start(), Reference.start()]);
}, 180_000);
afterAll(() => Promise.all([gatehouse?.stop(), reference?.stop()]), 60_000);

/** The fields in which two observations differ, each with both values. */
function compare(ours: Observation, theirs: Observation): Record<string, readonly [unknown, unknown]> {
  const fields = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].sort();
  const differing = fields.filter((field) => JSON.stringify(ours[field]) !== JSON.stringify(theirs[field]));
  return Object.fromEntries(differing.map((field) => [field, [ours[field], theirs[field]] as const]));
}

describe('the same request has the same answer from Gatehouse and from oidc-provider, or a difference with a reason', () => {
  test.each([...cases])(
    '%s',
    async (name, run) => {
      const side: Side = { issuer: gatehouse.issuer, person: gatehouse.person, resource: gatehouse.resource };
      const [ours, theirs] = [await run(side), await run(reference)];
      expect(compare(ours, theirs)).toEqual(differences[name]?.fields ?? {});
    },
    30_000,
  );
});

test('each difference that is listed is of a case, and says why', () => {
  for (const [name, { reason }] of Object.entries(differences)) {
    expect(cases.has(name)).toBe(true);
    expect(reason.length).toBeGreaterThan(20);
  }
});

test('negative control: an answer that differs and is not listed is seen', async () => {
  const run = cases.get('a wrong secret');
  const theirs = (await run?.(reference)) ?? {};
  expect(compare({ ...theirs, error: 'invalid_grant' }, theirs)).toEqual({
    error: ['invalid_grant', 'invalid_client'],
  });
});
