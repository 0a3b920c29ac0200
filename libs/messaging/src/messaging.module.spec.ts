import { Secret } from '@gatehouse/config';
import { accountRegistered, topicOf } from '@gatehouse/contracts';
import { Database, DatabaseModule, uuidv7 } from '@gatehouse/database';
import { Health, Shutdown } from '@gatehouse/lifecycle';
import { eventually } from '@gatehouse/testing';
import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Bench } from './messaging.spec-support.ts';
import { MessagingModule } from './messaging.module.ts';
import { messagingMigrations } from './migrations/index.ts';
import { Outbox } from './outbox/outbox.ts';

@Global()
@Module({
  providers: [
    { provide: Health, useFactory: () => new Health() },
    { provide: Shutdown, useFactory: () => new Shutdown() },
  ],
  exports: [Health, Shutdown],
})
class Lifecycle {}

const TOPIC = topicOf(accountRegistered, 'token').name;

describe('the messaging of a service', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await Bench.open('module');
    await bench.createTopic(TOPIC);
  });
  afterAll(() => bench.close());

  const start = async () => {
    const database = DatabaseModule.register({
      url: new Secret(bench.suite.databaseUrl('token')),
      applicationName: 'token',
      entities: [],
      poolSize: 5,
      constraints: {},
      migrations: [...messagingMigrations],
    });
    const messaging = MessagingModule.register({ service: 'token', kafka: bench.settings, consumes: false });
    const app = await Test.createTestingModule({ imports: [Lifecycle, database, messaging] }).compile();
    await app.init();
    const register = (account_id: string) =>
      app
        .get(Database)
        .change([account_id], (tx) =>
          app.get(Outbox).append(tx, accountRegistered, { account_id, address_id: uuidv7() }),
        );
    return { health: app.get(Health), shutdown: app.get(Shutdown), register, close: () => app.close() };
  };
  const keysSent = async () => (await bench.messagesOf(TOPIC)).flat().map(({ key }) => key?.toString());

  test('sends what is appended, answers its health checks, and what a stop leaves behind the next start sends', async () => {
    const first = await start();
    const [a, b] = [uuidv7(), uuidv7()];
    await first.register(a);
    await eventually(async () => expect(await keysSent()).toEqual([a]), { within: '20s' });
    expect(first.health.readiness()).toEqual({ ready: true, failing: [] });
    for (const part of ['outbox', 'kafka', 'database'])
      expect(await first.health.exercise(part, 10_000)).toBeGreaterThan(0);

    await first.shutdown.run(20_000);
    await first.close();
    await bench.database.change([b], (tx) =>
      tx.query(`INSERT INTO outbox (topic, key, headers, payload) VALUES ($1, $2, '{}', '{}')`, [TOPIC, b]),
    );
    const second = await start();
    await eventually(async () => expect(await keysSent()).toEqual([a, b]), { within: '20s' });
    await second.shutdown.run(20_000);
    await second.close();
  });

  test('gets no traffic while its relay waits for an operator', async () => {
    await bench.database.query(`UPDATE outbox_cursor SET system_identifier = '1'`);
    const service = await start();
    await eventually(
      () =>
        expect(service.health.readiness().failing).toEqual([
          { part: 'relay outbox', reason: expect.stringContaining('gatehouse outbox rebase') as string },
        ]),
      { within: '20s' },
    );
    await service.shutdown.run(20_000);
    await service.close();
  });
});
