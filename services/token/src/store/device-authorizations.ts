import type { Tx } from '@gatehouse/database';
import type { DeviceApproval, DeviceAuthorization } from '../domain/device-authorization.ts';

export type NewDeviceAuthorization = Pick<
  DeviceAuthorization,
  'grantId' | 'clientId' | 'userCode' | 'scope' | 'resources' | 'authorizationDetails' | 'intervalS' | 'expiresAt'
>;

/** What devices asked for (RFC 8628), by the hash of the device code or by the user code. */
export abstract class DeviceAuthorizations {
  /** @returns false, and changes nothing, where another one has the user code */
  abstract add(tx: Tx, deviceCodeHash: Buffer, authorization: NewDeviceAuthorization): Promise<boolean>;
  /** Null where it is unknown; expired and used ones too, for an hour. */
  abstract findByDeviceCode(deviceCodeHash: Buffer): Promise<DeviceAuthorization | null>;
  /** Null where there is none that still waits for a person. */
  abstract findPending(userCode: string, now: Date): Promise<DeviceAuthorization | null>;
  /** Its state, to be read under the grant's lock. */
  abstract read(tx: Tx, grantId: string): Promise<DeviceAuthorization>;
  /**
   * Lets the device in, or refuses it where `approval` is null.
   * @returns false, and changes nothing, where it does not wait any more
   */
  abstract decide(
    tx: Tx,
    grantId: string,
    approval: Omit<DeviceApproval, 'sessionEndsAt'> | null,
    now: Date,
  ): Promise<boolean>;
  /** Refuses the devices that were let in in this session, which has ended, and have no tokens yet. */
  abstract refuseOfSession(tx: Tx, sessionId: string): Promise<void>;
  /** Refuses the devices that an account has let in for a client, and that have no tokens yet. */
  abstract refuseOf(tx: Tx, of: { readonly accountId: string; readonly clientId: string }): Promise<void>;
  abstract recordPoll(tx: Tx, grantId: string, intervalS: number, now: Date): Promise<void>;
  /** The device has its tokens; to be called under the grant's lock. */
  abstract use(tx: Tx, grantId: string): Promise<void>;
}
