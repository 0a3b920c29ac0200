import { Injectable } from '@nestjs/common';
import { Database } from '@gatehouse/database';
import { SigningKeys, type StoredSigningKey } from './signing-keys.ts';

@Injectable()
export class PostgresSigningKeys implements SigningKeys {
  constructor(private readonly database: Database) {}

  async loadOrCreate(create: () => Promise<StoredSigningKey>): Promise<StoredSigningKey[]> {
    return this.database.change(['signing-keys'], async (tx) => {
      const keys = await tx.query<StoredSigningKey>(
        `SELECT kid, public_jwk AS "publicJwk", sealed_private_key AS "sealedPrivateKey"
         FROM signing_key ORDER BY created_at, kid`,
      );
      if (keys.length > 0) return keys;
      const first = await create();
      await tx.query('INSERT INTO signing_key (kid, public_jwk, sealed_private_key) VALUES ($1, $2, $3)', [
        first.kid,
        first.publicJwk,
        first.sealedPrivateKey,
      ]);
      return [first];
    });
  }
}
