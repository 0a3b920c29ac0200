import { Secret } from '@gatehouse/config';
import { Health, Shutdown } from '@gatehouse/lifecycle';
import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { eventually } from '@gatehouse/testing';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { Database } from './database.ts';
import { DatabaseModule } from './database.module.ts';
import { openBench } from './database.spec-support.ts';
import { migrate } from './migrate.ts';
import type { ServiceOperator } from './operator.ts';

class CreateThing1700000000001 implements MigrationInterface {
  readonly name = 'CreateThing1700000000001';
  async up(runner: QueryRunner) {
    await runner.query('CREATE TABLE thing (id int)');
  }
  async down() {}
}

@Global()
@Module({
  providers: [
    { provide: Health, useFactory: () => new Health() },
    { provide: Shutdown, useFactory: () => new Shutdown() },
  ],
  exports: [Health, Shutdown],
})
class Lifecycle {}

describe('the database of a service', () => {
  test('gets no traffic on a schema older than the build, answers its health check, and closes last', async () => {
    const bench = await openBench('module');
    const migrations = [CreateThing1700000000001];
    const options = {
      url: new Secret(bench.url),
      applicationName: 'token',
      entities: [],
      poolSize: 2,
      constraints: {},
      migrations,
    };
    const app = await Test.createTestingModule({ imports: [Lifecycle, DatabaseModule.register(options)] }).compile();
    await app.init();
    const health = app.get(Health);
    expect(health.readiness()).toEqual({
      ready: false,
      failing: [{ part: 'schema', reason: expect.stringContaining('CreateThing1700000000001 missing') as string }],
    });
    expect(await health.exercise('database', 1_000)).toBeGreaterThan(0);

    const operator: ServiceOperator = { service: 'token', databaseUrlVariable: 'URL', migrations, entities: [] };
    await migrate(operator, 'up', { URL: bench.url });
    await eventually(() => expect(health.readiness().ready).toBe(true), { within: '5s' });

    const database = app.get(Database);
    await app.get(Shutdown).run(5_000);
    await expect(database.query('SELECT 1')).rejects.toMatchObject({ code: 'dependency-unavailable' });
    await app.close();
    await bench.close();
  });
});
