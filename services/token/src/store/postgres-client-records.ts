import { Injectable } from '@nestjs/common';
import { clientMetadata, clientPolicy } from '@gatehouse/contracts';
import { Database, type Tx } from '@gatehouse/database';
import { pageOf, type ListPage, type PageRequest } from '@gatehouse/http';
import type { SealedSecret } from '../domain/client.ts';
import { ClientRecords, type ClientRecord, type NewClientRecord } from './client-records.ts';

const COLUMNS = `id, metadata, policy, secret_hashes AS "secretHashes", sealed_secrets AS "sealedSecrets",
  registration_token_hash AS "registrationTokenHash",
  disabled_at AS "disabledAt", version, created_at AS "createdAt", updated_at AS "updatedAt"`;

type Row = Omit<ClientRecord, 'metadata' | 'policy'> & { readonly metadata: unknown; readonly policy: unknown };

@Injectable()
export class PostgresClientRecords implements ClientRecords {
  constructor(private readonly database: Database) {}

  async add(tx: Tx, client: NewClientRecord): Promise<ClientRecord> {
    const { id, metadata, policy, secretHashes, sealedSecrets, registrationTokenHash } = client;
    const rows = await tx.query<Row>(
      `INSERT INTO client (id, metadata, policy, secret_hashes, sealed_secrets, registration_token_hash)
       VALUES ($1, $2, $3, $4, $5, $6)
       RETURNING ${COLUMNS}`,
      [id, metadata, policy, secretHashes, JSON.stringify(sealedSecrets), registrationTokenHash],
    );
    return written(rows);
  }

  async find(id: string, tx?: Tx): Promise<ClientRecord | undefined> {
    const [row] = await (tx ?? this.database).query<Row>(`SELECT ${COLUMNS} FROM client WHERE id = $1`, [id]);
    return row && recordOf(row);
  }

  async save(tx: Tx, client: ClientRecord): Promise<ClientRecord> {
    const { id, metadata, policy, secretHashes, sealedSecrets, registrationTokenHash, disabledAt } = client;
    const rows = await tx.query<Row>(
      `UPDATE client SET metadata = $2, policy = $3, secret_hashes = $4, sealed_secrets = $5,
         registration_token_hash = $6, disabled_at = $7, version = version + 1, updated_at = now()
       WHERE id = $1 RETURNING ${COLUMNS}`,
      [id, metadata, policy, secretHashes, JSON.stringify(sealedSecrets), registrationTokenHash, disabledAt],
    );
    return written(rows);
  }

  async sealedOtherwise(masterKeyId: string): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      `SELECT id FROM client WHERE sealed_secrets <> '[]'
         AND EXISTS (SELECT FROM jsonb_array_elements(sealed_secrets) AS s WHERE s ->> 'masterKeyId' <> $1)`,
      [masterKeyId],
    );
    return rows.map(({ id }) => id);
  }

  async reseal(tx: Tx, id: string, sealedSecrets: readonly SealedSecret[]): Promise<void> {
    await tx.query('UPDATE client SET sealed_secrets = $2 WHERE id = $1', [id, JSON.stringify(sealedSecrets)]);
  }

  async remove(tx: Tx, id: string): Promise<void> {
    await tx.query('DELETE FROM client WHERE id = $1', [id]);
  }

  async list({ limit, after }: PageRequest): Promise<ListPage<ClientRecord>> {
    const rows = await this.database.query<Row>(
      `SELECT ${COLUMNS} FROM client WHERE $1::text IS NULL OR id COLLATE "C" > $1 ORDER BY id COLLATE "C" LIMIT $2`,
      [after, limit + 1],
    );
    return pageOf(rows.map(recordOf), limit, ({ id }) => id);
  }
}

/** Members that the row leaves out have the values that the declaration gives them. */
function recordOf({ metadata, policy, ...row }: Row): ClientRecord {
  return { ...row, metadata: clientMetadata.parse(metadata), policy: clientPolicy.parse(policy) };
}

function written([row]: readonly Row[]): ClientRecord {
  if (row === undefined) throw new Error('a client that this transaction has read is gone');
  return recordOf(row);
}
