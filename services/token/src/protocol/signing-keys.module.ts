import { Module, type DynamicModule } from '@nestjs/common';
import { Database } from '@gatehouse/database';
import { Health, Shutdown } from '@gatehouse/lifecycle';
import { Outbox } from '@gatehouse/messaging';
import { ClockModule } from '../clock.module.ts';
import { Clock } from '../clock.ts';
import type { TokenSettings } from '../config.ts';
import { PostgresSigningKeys } from '../store/postgres-signing-keys.ts';
import { SigningKeys } from '../store/signing-keys.ts';
import { KeyRing } from './key-ring.ts';
import { KeyRotation } from './key-rotation.ts';
import { MasterKeys } from './master-keys.ts';

/** The signing keys apart, because authentication needs them too. */
@Module({})
export class SigningKeysModule {
  static register(settings: TokenSettings): DynamicModule {
    const masterKeys = new MasterKeys(settings.masterKey, settings.previousMasterKeys);
    return {
      module: SigningKeysModule,
      imports: [ClockModule],
      providers: [
        { provide: MasterKeys, useValue: masterKeys },
        { provide: SigningKeys, useClass: PostgresSigningKeys },
        {
          provide: KeyRotation,
          useFactory: (keys: SigningKeys, database: Database, outbox: Outbox, clock: Clock) =>
            new KeyRotation(keys, masterKeys, settings, database, outbox, clock),
          inject: [SigningKeys, Database, Outbox, Clock],
        },
        {
          provide: KeyRing,
          useFactory: (rotation: KeyRotation, clock: Clock, health: Health, shutdown: Shutdown) =>
            new KeyRing(rotation, masterKeys, settings.signingKeys.algorithms, clock, health, shutdown),
          inject: [KeyRotation, Clock, Health, Shutdown],
        },
      ],
      exports: [KeyRing, KeyRotation, MasterKeys, SigningKeys],
    };
  }
}
