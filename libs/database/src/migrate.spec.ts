import type { MigrationInterface, QueryRunner } from 'typeorm';
import { DataSource } from 'typeorm';
import { openBench } from './database.spec-support.ts';
import type { Bench } from './database.spec-support.ts';
import { migrate } from './migrate.ts';
import type { ServiceOperator } from './operator.ts';

class CreateThing1700000000001 implements MigrationInterface {
  readonly name = 'CreateThing1700000000001';
  async up(runner: QueryRunner) {
    // Slow enough that two unprotected runs always meet.
    await runner.query('SELECT pg_sleep(0.2)');
    await runner.query('CREATE TABLE thing (id int)');
  }
  async down(runner: QueryRunner) {
    await runner.query('DROP TABLE thing');
  }
}

class AddName1700000000002 implements MigrationInterface {
  readonly name = 'AddName1700000000002';
  async up(runner: QueryRunner) {
    await runner.query('ALTER TABLE thing ADD name text');
  }
  async down(runner: QueryRunner) {
    await runner.query('ALTER TABLE thing DROP name');
  }
}

class Fails1700000000003 implements MigrationInterface {
  readonly name = 'Fails1700000000003';
  async up(runner: QueryRunner) {
    await runner.query('CREATE TABLE half (id int)');
    await runner.query('SELECT 1 / 0');
  }
  async down() {}
}

const names = ['CreateThing1700000000001', 'AddName1700000000002'];

describe('migrations', () => {
  let bench: Bench;
  let env: Record<string, string>;
  beforeEach(async () => {
    bench = await openBench('migrate');
    env = { TOKEN_DATABASE_URL: bench.url };
  });
  afterEach(() => bench.close());

  // Listed in the wrong order on purpose: the timestamps decide.
  const operator: ServiceOperator = {
    service: 'token',
    databaseUrlVariable: 'TOKEN_DATABASE_URL',
    migrations: [AddName1700000000002, CreateThing1700000000001],
    entities: [],
    afterMigrate: async (tx) => void (await tx.query(`INSERT INTO thing (id, name) VALUES (1, 'seed')`)),
  };

  test('run in the order of their timestamps, tell what they did, and are taken back one by one', async () => {
    expect(await migrate(operator, 'status', env)).toEqual({
      changed: [],
      migrations: names.map((name) => ({ name, applied: false })),
    });
    expect((await migrate(operator, 'up', env)).changed).toEqual(names);
    expect(await bench.database.query('SELECT * FROM thing')).toEqual([{ id: 1, name: 'seed' }]);
    expect(await migrate(operator, 'revert', env)).toEqual({
      changed: [names[1]],
      migrations: [
        { name: names[0], applied: true },
        { name: names[1], applied: false },
      ],
    });
    expect(await bench.database.query('SELECT * FROM thing')).toEqual([{ id: 1 }]);
  });

  test('started by several at once run once, for the others wait at the lock', async () => {
    const { afterMigrate: _, ...plain } = operator;
    const reports = await Promise.all([1, 2, 3].map(() => migrate(plain, 'up', env)));
    expect(reports.flatMap(({ changed }) => changed).sort()).toEqual([...names].sort());
    for (const { migrations } of reports) expect(migrations.every(({ applied }) => applied)).toBe(true);
  });

  test('without the lock two at once fail', async () => {
    const unlocked = async () => {
      const dataSource = new DataSource({ type: 'postgres', url: bench.url, migrations: [CreateThing1700000000001] });
      await dataSource.initialize();
      return dataSource.runMigrations().finally(() => dataSource.destroy());
    };
    const results = await Promise.allSettled([unlocked(), unlocked()]);
    expect(results.map(({ status }) => status)).toContain('rejected');
  });

  test('one that fails leaves nothing of itself, and what came before stays', async () => {
    const { afterMigrate: _, ...plain } = operator;
    const broken = { ...plain, migrations: [...operator.migrations, Fails1700000000003] };
    await expect(migrate(broken, 'up', env)).rejects.toThrow('division by zero');
    const { migrations } = await migrate(broken, 'status', env);
    expect(migrations.map(({ applied }) => applied)).toEqual([true, true, false]);
    expect(await bench.database.query(`SELECT to_regclass('half') AS half`)).toEqual([{ half: null }]);
  });

  test('without its URL the variable is named', async () => {
    await expect(migrate(operator, 'up', {})).rejects.toThrow('TOKEN_DATABASE_URL is not set');
  });
});
