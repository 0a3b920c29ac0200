import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '@gatehouse/database';
import { SigningKeys, type LivingSigningKey, type SealedKey, type StoredSigningKey } from './signing-keys.ts';

const SELECT = `SELECT kid, algorithm, public_jwk AS "publicJwk", sealed_private_key AS "sealedPrivateKey",
    master_key_id AS "masterKeyId", published_at AS "publishedAt", active_from AS "activeFrom",
    retiring_from AS "retiringFrom", gone_at AS "goneAt", revoked_at AS "revokedAt"
  FROM signing_key`;

type Row = Omit<StoredSigningKey, 'sealed'> & {
  readonly sealedPrivateKey: Buffer | null;
  readonly masterKeyId: string | null;
};

@Injectable()
export class PostgresSigningKeys implements SigningKeys {
  constructor(private readonly database: Database) {}

  async living(tx?: Tx): Promise<LivingSigningKey[]> {
    const sql = `${SELECT} WHERE sealed_private_key IS NOT NULL ORDER BY published_at, kid`;
    const rows = await (tx ? tx.query<Row>(sql) : this.database.query<Row>(sql));
    return rows.map(fromRow).filter((key): key is LivingSigningKey => key.sealed !== null);
  }

  async latest(limit: number): Promise<StoredSigningKey[]> {
    const rows = await this.database.query<Row>(`${SELECT} ORDER BY published_at DESC, kid LIMIT $1`, [limit]);
    return rows.map(fromRow);
  }

  async find(tx: Tx, kid: string): Promise<StoredSigningKey | null> {
    const [row] = await tx.query<Row>(`${SELECT} WHERE kid = $1`, [kid]);
    return row ? fromRow(row) : null;
  }

  async add(tx: Tx, key: LivingSigningKey): Promise<void> {
    await tx.query(
      `INSERT INTO signing_key (kid, algorithm, public_jwk, sealed_private_key, master_key_id, published_at, active_from)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [
        key.kid,
        key.algorithm,
        key.publicJwk,
        key.sealed.sealedPrivateKey,
        key.sealed.masterKeyId,
        key.publishedAt,
        key.activeFrom,
      ],
    );
  }

  async activate(tx: Tx, kid: string, activeFrom: Date): Promise<void> {
    await tx.query('UPDATE signing_key SET active_from = $2 WHERE kid = $1', [kid, activeFrom]);
  }

  async retire(tx: Tx, kid: string, retiringFrom: Date, goneAt: Date): Promise<void> {
    await tx.query('UPDATE signing_key SET retiring_from = $2, gone_at = $3 WHERE kid = $1', [
      kid,
      retiringFrom,
      goneAt,
    ]);
  }

  async reseal(tx: Tx, kid: string, { sealedPrivateKey, masterKeyId }: SealedKey): Promise<void> {
    await tx.query('UPDATE signing_key SET sealed_private_key = $2, master_key_id = $3 WHERE kid = $1', [
      kid,
      sealedPrivateKey,
      masterKeyId,
    ]);
  }

  async erase(tx: Tx, kid: string): Promise<void> {
    await tx.query('UPDATE signing_key SET sealed_private_key = NULL WHERE kid = $1', [kid]);
  }

  async revoke(tx: Tx, kid: string, now: Date): Promise<void> {
    await tx.query('UPDATE signing_key SET revoked_at = $2, gone_at = $2, sealed_private_key = NULL WHERE kid = $1', [
      kid,
      now,
    ]);
  }
}

function fromRow({ sealedPrivateKey, masterKeyId, ...key }: Row): StoredSigningKey {
  return { ...key, sealed: sealedPrivateKey && { sealedPrivateKey, masterKeyId } };
}
