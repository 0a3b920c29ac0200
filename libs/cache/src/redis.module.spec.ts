import { defineConfig, loadConfig, settings, setting, environment, type Environment } from '@gatehouse/config';
import { Health, Shutdown } from '@gatehouse/lifecycle';
import { createSuite, eventually, type Suite } from '@gatehouse/testing';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CacheRedis, cacheRedisSettings, RedisModule, StateRedis, stateRedisSettings } from './index.ts';

const place = settings({ GATEHOUSE_ENV: setting(environment, { example: 'testing', description: 'Where it runs.' }) });
const schema = defineConfig(place, cacheRedisSettings, stateRedisSettings);

let suite: Suite;
beforeAll(async () => {
  suite = await createSuite('redis-module');
});
afterAll(() => suite.dispose());

/** An application with both Redis; `STATE_REDIS_URL` can point elsewhere. */
async function start(GATEHOUSE_ENV: Environment, stateUrl?: string) {
  const { REDIS_HOST, REDIS_PORT, REDIS_DB, REDIS_USERNAME, REDIS_PASSWORD, STATE_REDIS_URL } = suite.env('token');
  const variables = { GATEHOUSE_ENV: 'testing', REDIS_HOST, REDIS_PORT, REDIS_DB, REDIS_USERNAME, REDIS_PASSWORD };
  const parsed = loadConfig(schema, { ...variables, STATE_REDIS_URL: stateUrl ?? STATE_REDIS_URL });
  // Read as of a test, because production would already refuse the suite's addresses and passwords.
  const config = { ...parsed, GATEHOUSE_ENV };
  const reasons: string[] = [];
  const health = new Health();
  const shutdown = new Shutdown({ fatal: (reason) => reasons.push(reason) });
  const lifecycle = [Health, Shutdown];

  @Module({
    providers: [
      { provide: Health, useValue: health },
      { provide: Shutdown, useValue: shutdown },
    ],
    exports: lifecycle,
  })
  class Lifecycle {}
  const root = {
    module: class Root {},
    imports: [
      { module: Lifecycle, global: true },
      RedisModule.forCache('token', config),
      RedisModule.forState('token', config),
    ],
  };
  const app = await NestFactory.createApplicationContext(root, { logger: false });
  return { app, health, shutdown, reasons };
}

test('both roles are provided, watched by health, and closed at shutdown', async () => {
  const { app, health, shutdown } = await start('testing');
  await app.get(CacheRedis).run((redis) => redis.set('token:where', 'cache'));
  expect(await app.get(StateRedis).run((redis) => redis.get('token:where'))).toBeNull();
  expect(health.components).toEqual(['redis-cache', 'redis-state']);
  expect(health.readiness()).toEqual({ ready: true, failing: [] });
  await shutdown.run(2_000);
  const gone = [{ part: 'redis-state', reason: 'not connected' }];
  await eventually(() => expect(health.readiness().failing).toEqual(gone), { within: '2s' });
  await app.close();
});

/** The cache server, which evicts, in the place of the one that keeps state. */
function evictingUrl(): string {
  const { REDIS_HOST, REDIS_PORT, REDIS_DB, REDIS_USERNAME, REDIS_PASSWORD } = suite.env('token');
  return `redis://${REDIS_USERNAME}:${REDIS_PASSWORD}@${REDIS_HOST}:${REDIS_PORT}/${REDIS_DB}`;
}

test('in production a state server that may evict is fatal', async () => {
  const { app, shutdown, reasons } = await start('production', evictingUrl());
  await eventually(() => expect(reasons).toEqual(['redis-state may evict']), { within: '5s' });
  await shutdown.run(2_000);
  await app.close();
});

test('elsewhere it is a warning', async () => {
  const { app, shutdown, reasons } = await start('development', evictingUrl());
  await app.get(StateRedis).exercise();
  expect(reasons).toEqual([]);
  await shutdown.run(2_000);
  await app.close();
});

test('production refuses a Redis without a password', () => {
  const variables = { GATEHOUSE_ENV: 'production', REDIS_HOST: 'redis', STATE_REDIS_URL: 'redis://redis:6379/0' };
  expect(() => loadConfig(schema, variables)).toThrow(/REDIS_PASSWORD is not set[^]*STATE_REDIS_URL has no password/);
});
