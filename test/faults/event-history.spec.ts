import { disagreements, surplusCopies } from './event-history.ts';

const set = (...ids: string[]) => new Set(ids);

test('what is verified and what was confirmed are compared in both directions, seeds excepted', () => {
  const agreed = { verified: set('ada', 'seed'), confirmed: set('ada'), seeded: set('seed') };
  expect(disagreements(agreed)).toEqual([]);
  expect(disagreements({ ...agreed, verified: set('ada', 'eve') })).toEqual(['eve is verified, and nobody confirmed']);
  expect(disagreements({ ...agreed, confirmed: set('ada', 'bob') })).toEqual([
    'bob was confirmed, and is not verified',
  ]);
});

test('every copy of a mail beyond the first is counted, not only the mails that have copies', () => {
  const mails = (...ids: string[]) => ids.map((messageId) => ({ messageId }));
  expect(surplusCopies(mails('a', 'b'))).toBe(0);
  expect(surplusCopies(mails('a', 'b', 'a', 'a', 'b'))).toBe(3);
});
