import { createSuite } from '@gatehouse/testing';
import type { Suite } from '@gatehouse/testing';
import { MatrixCaller } from './platform/matrix-caller.ts';
import { differences, readMatrix } from './platform/permission-matrix.ts';
import { startServices, stopServices } from './platform/service-process.ts';
import type { Services } from './platform/service-process.ts';

const matrix = readMatrix();
/** A client that holds nothing of its own; each test gives it something and takes it back. */
const SOMEBODY = 'demo';
const UNRELATED = 'matrix:unrelated';

test('every permission and every endpoint that asks for one is in the matrix, and nothing else', () => {
  expect(differences(matrix)).toEqual([]);
});

test('a forgotten permission, endpoint or row is named', () => {
  const { 'audit:read': _, ...others } = matrix.permissions;
  const lacking = { ...matrix, permissions: { ...others, 'invented:permission': matrix.permissions['mail:read']! } };
  expect(differences(lacking)).toEqual([
    'audit:read has no row in permission-matrix.yaml',
    'invented:permission is not declared in permissions.ts',
    'audit-log.list-entries for audit:read is declared, but not in permission-matrix.yaml',
    'audit-log.read-entry for audit:read is declared, but not in permission-matrix.yaml',
    'email-verification.list-messages for invented:permission is in permission-matrix.yaml, but not declared',
  ]);
});

describe('on the running services', () => {
  let suite: Suite;
  let services: Services;
  let caller: MatrixCaller;
  beforeAll(async () => {
    suite = await createSuite('permission-matrix');
    services = await startServices(suite);
    caller = new MatrixCaller(suite);
    await caller.register(UNRELATED);
  }, 180_000);
  afterAll(async () => {
    if (services) await stopServices(services);
    await suite?.dispose();
  }, 60_000);

  const cells = Object.entries(matrix.permissions).flatMap(([permission, row]) =>
    Object.entries(row.endpoints).map(([id, request]) => ({ permission, row, id, request })),
  );

  test.each(cells)('$id lets nobody pass without $permission', async ({ id, permission, request, row }) => {
    const [things, elsewhere] = [await caller.things(), await caller.things()];
    const statusOf = (as: string | null) => caller.status(id, request, things, as);
    expect({ 'no token': await statusOf(null) }).toEqual({ 'no token': 401 });
    expect({ stranger: await statusOf(SOMEBODY) }).toEqual({ stranger: row.stranger });
    if (row.counts_in === 'organization') {
      await caller.give(SOMEBODY, permission, elsewhere['$org']);
      expect({ 'held elsewhere': await statusOf(SOMEBODY) }).toEqual({ 'held elsewhere': row.stranger });
      await caller.give(SOMEBODY, UNRELATED, things['$org']);
      expect({ 'another permission': await statusOf(SOMEBODY) }).toEqual({ 'another permission': 403 });
    }
    const take = await caller.give(SOMEBODY, permission, row.counts_in === 'organization' ? things['$org'] : undefined);
    const holder = await statusOf(SOMEBODY);
    await take();
    expect({ holder }).toEqual({ holder: request.answers });
  });

  test.each(Object.entries(matrix.authenticated))('%s needs a token and nothing more', async (id, request) => {
    expect(await caller.status(id, request, {}, null)).toBe(401);
    expect(await caller.status(id, request, {}, SOMEBODY)).toBe(request.answers);
  });
});
