import { Injectable } from '@nestjs/common';
import type { RaisedEpochs } from '@gatehouse/contracts';
import { Database } from '@gatehouse/database';
import type { Tx } from '@gatehouse/database';
import { Epochs } from './store/epochs.ts';
import type { Concerns } from './store/epochs.ts';

/** The way in which every change of an organisation runs. */
@Injectable()
export class OrganizationChanges {
  constructor(
    private readonly database: Database,
    private readonly epochs: Epochs,
  ) {}

  /**
   * One transaction, alone in this organisation, that may publish its events. The epochs of what `concerns` names are raised
   * before `work` validates anything; `work` puts them into its events.
   */
  run<T>(organizationId: string, concerns: Concerns, work: (tx: Tx, epochs: RaisedEpochs) => Promise<T>): Promise<T> {
    return this.database.change([organizationId], async (tx) =>
      work(tx, await this.epochs.raise(tx, organizationId, concerns)),
    );
  }
}
