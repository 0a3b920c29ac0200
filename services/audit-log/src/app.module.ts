import { Module, type DynamicModule } from '@nestjs/common';
import { AuthnModule } from '@gatehouse/authn';
import { AuthorizationAccessPolicy, AuthorizationClientModule } from '@gatehouse/authorization-client';
import { RedisModule } from '@gatehouse/cache';
import { DatabaseModule } from '@gatehouse/database';
import { MessagingModule } from '@gatehouse/messaging';
import type { AuditLogConfig } from './config.ts';
import { ListEntriesController } from './list-entries/list-entries.controller.ts';
import { ListEntries } from './list-entries/list-entries.ts';
import { OnAuditedEvents } from './on-audited-events/on-audited-events.ts';
import { RecordEntries } from './on-audited-events/record-entries.ts';
import { operator } from './operator.ts';
import { ReadEntryController } from './read-entry/read-entry.controller.ts';
import { ReadEntry } from './read-entry/read-entry.ts';
import { EntryPublication } from './store/entry-publication.ts';
import { EntryReader } from './store/entry-reader.ts';
import { EntryWriter } from './store/entry-writer.ts';
import { PostgresEntryReader } from './store/postgres-entry-reader.ts';
import { PostgresEntryWriter } from './store/postgres-entry-writer.ts';

/** The composition root: the only list of the service's slices and adapters. */
@Module({})
export class AppModule {
  static register(config: AuditLogConfig): DynamicModule {
    return {
      module: AppModule,
      imports: infrastructure(config),
      controllers: [OnAuditedEvents, ListEntriesController, ReadEntryController],
      providers: [
        RecordEntries,
        ListEntries,
        ReadEntry,
        EntryPublication,
        { provide: EntryWriter, useClass: PostgresEntryWriter },
        { provide: EntryReader, useClass: PostgresEntryReader },
      ],
    };
  }
}

function infrastructure(config: AuditLogConfig): DynamicModule[] {
  return [
    DatabaseModule.register({
      url: config.AUDIT_LOG_DATABASE_URL,
      applicationName: operator.service,
      entities: operator.entities,
      migrations: operator.migrations,
      poolSize: config.DATABASE_POOL_SIZE,
      constraints: {},
    }),
    MessagingModule.register({ service: operator.service, kafka: config, consumes: true }),
    RedisModule.forState(operator.service, config, { required: false }),
    AuthnModule.register({
      issuer: config.ISSUER,
      audience: config.SERVICE_URL,
      stateRedisUrl: config.STATE_REDIS_URL,
      resource: { service: operator.service, url: config.SERVICE_URL },
      dpop: { service: operator.service, url: config.SERVICE_URL, settings: config },
      policy: AuthorizationAccessPolicy,
      serviceClient: { clientId: config.SERVICE_CLIENT_ID, clientSecret: config.SERVICE_CLIENT_SECRET },
    }),
    AuthorizationClientModule.register({ url: config.AUTHORIZATION_URL }),
  ];
}
