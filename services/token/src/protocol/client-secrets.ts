import { Injectable } from '@nestjs/common';
import type { SealedSecret } from '../domain/client.ts';
import { needsRecoverableSecret, type StoredSecrets } from '../domain/client-change.ts';
import { secretId } from '../domain/client-id.ts';
import { hashOf } from '../domain/opaque-token.ts';
import type { ClientRecord } from '../store/client-records.ts';
import { MasterKeys } from './master-keys.ts';

type Owner = Pick<ClientRecord, 'id' | 'sealedSecrets'>;

/** What is kept of clients' secrets: SHA-256, and for client_secret_jwt the secret itself, sealed like a private key. */
@Injectable()
export class ClientSecrets {
  constructor(private readonly masterKeys: MasterKeys) {}

  /** What to store of one secret. */
  stored(secret: string, { id, metadata }: Pick<ClientRecord, 'id' | 'metadata'>): StoredSecrets {
    const hash = hashOf(secret);
    const sealed = needsRecoverableSecret(metadata) ? [this.seal(secret, id, secretId(hash))] : [];
    return { secretHashes: [hash], sealedSecrets: sealed };
  }

  /** Throws where a master key is not set any more, or a row was changed. */
  open({ id, sealedSecrets }: Owner): string[] {
    return sealedSecrets.map((secret) => this.openOne(secret, id));
  }

  /** The same secrets under the current master key. Throws like `open`. */
  resealed({ id, sealedSecrets }: Owner): SealedSecret[] {
    return sealedSecrets.map((secret) => this.seal(this.openOne(secret, id), id, secret.secretId));
  }

  private seal(secret: string, clientId: string, id: string): SealedSecret {
    const { sealedPrivateKey } = this.masterKeys.seal(secret, nameOf(clientId, id));
    return { secretId: id, masterKeyId: this.masterKeys.sealing, sealed: sealedPrivateKey.toString('base64') };
  }

  private openOne({ secretId: id, masterKeyId, sealed }: SealedSecret, clientId: string): string {
    const sealedPrivateKey = Buffer.from(sealed, 'base64');
    return this.masterKeys.open({ sealedPrivateKey, masterKeyId }, nameOf(clientId, id));
  }
}

/** Authenticated with the secret, so that nobody can give a client the secret of another by swapping rows. */
function nameOf(clientId: string, id: string): string {
  return `the secret ${id} of client ${clientId}`;
}
