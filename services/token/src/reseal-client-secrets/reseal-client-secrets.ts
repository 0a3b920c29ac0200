import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '@gatehouse/database';
import { log } from '@gatehouse/telemetry';
import { ClientSecrets } from '../protocol/client-secrets.ts';
import { MasterKeys } from '../protocol/master-keys.ts';
import { ClientRecords } from '../store/client-records.ts';

/** Seals the secrets of clients with the current master key, so that a previous one can be dropped. */
@Injectable()
export class ResealClientSecrets implements OnApplicationBootstrap {
  constructor(
    private readonly records: ClientRecords,
    private readonly secrets: ClientSecrets,
    private readonly masterKeys: MasterKeys,
    private readonly database: Database,
  ) {}

  onApplicationBootstrap(): Promise<void> {
    return this.run();
  }

  /** A secret whose master key is not set stays as it is: whoever has that key can still open it. */
  async run(): Promise<void> {
    for (const id of await this.records.sealedOtherwise(this.masterKeys.sealing)) {
      try {
        await this.reseal(id);
      } catch (error) {
        log('client-secrets').error({ err: error, client_id: id }, 'client_secret_not_resealed');
      }
    }
  }

  private reseal(id: string): Promise<void> {
    return this.database.change([id], async (tx) => {
      const client = await this.records.find(id, tx);
      if (client) await this.records.reseal(tx, id, this.secrets.resealed(client));
    });
  }
}
