import { uuidv7 } from './uuidv7.ts';

describe('uuidv7', () => {
  test('an id says that it is version 7 of the RFC variant, and when it was made', () => {
    const id = uuidv7(1_700_000_000_123);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(1_700_000_000_123);
  });

  test('ids of one millisecond are all different, also beyond the random bytes fetched at once', () => {
    const ids = Array.from({ length: 5_000 }, () => uuidv7(1));
    expect(new Set(ids).size).toBe(5_000);
  });
});
