import { Controller } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { loadConfig, Secret } from '@gatehouse/config';
import { emailVerified } from '@gatehouse/contracts';
import { Database } from '@gatehouse/database';
import type { Tx } from '@gatehouse/database';
import { Health, Shutdown } from '@gatehouse/lifecycle';
import { KafkaConnection } from '../kafka.ts';
import { kafkaSettings } from '../settings.ts';
import type { Message } from '../wire.ts';
import { Consumes } from './handler-declaration.ts';
import { KafkaEventStrategy } from './kafka-event.strategy.ts';

/* A consumer in a process of its own, which a kill point ends: run by crash.spec.ts with a service's environment. */

@Controller()
class Handler {
  @Consumes(emailVerified)
  async handle(message: Message<typeof emailVerified>, tx: Tx): Promise<void> {
    await tx.query('INSERT INTO effect (key, what) VALUES ($1, $2)', [message.key, message.id]);
  }
}

const env = process.env;
const url = new Secret(env['TOKEN_DATABASE_URL'] ?? '');
const database = new Database({ url, applicationName: 'token', entities: [], poolSize: 3, constraints: {} });
await database.open();
const kafka = new KafkaConnection('token', loadConfig(kafkaSettings, env));
const strategy = new KafkaEventStrategy(kafka, database, new Health(), new Shutdown());
const app = await NestFactory.createMicroservice(
  { module: class {}, controllers: [Handler] },
  { strategy, logger: false },
);
await app.listen();
