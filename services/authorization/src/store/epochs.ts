import type { RaisedEpochs, Subject } from '@gatehouse/contracts';
import type { Tx } from '@gatehouse/database';

/** Whose permissions a change may alter, beside those of the platform organisation, which are everybody's. */
export interface Concerns {
  /** What every subject of the organisation holds: role contents, the organisation's end. */
  readonly organization?: boolean;
  /** What one subject holds there: its grants, its membership. */
  readonly subject?: Subject;
  /** The catalog of permissions. */
  readonly catalog?: boolean;
}

/** Numbers that only rise, in the transaction of the change, so that a copy of older permissions can be told from a fresh one. */
export abstract class Epochs {
  /**
   * Locks and raises the rows of `concerns`, always in the order catalog, organisation, subject. Call it before the change is
   * validated: then two changes that exclude each other cannot both pass, and the order of epochs is the order of commits.
   * What is granted in the platform organisation counts in every organisation, so a change there raises the catalog too.
   */
  abstract raise(tx: Tx, organizationId: string, concerns: Concerns): Promise<RaisedEpochs>;
}
