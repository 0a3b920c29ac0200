import { Injectable } from '@nestjs/common';
import type { TrustedIssuerInput } from '@gatehouse/contracts';
import { Database, type Tx } from '@gatehouse/database';
import { pageOf, type ListPage, type PageRequest } from '@gatehouse/http';
import { TrustedIssuers, type TrustedIssuer } from './trusted-issuers.ts';

const COLUMNS = `id, issuer, jwks_uri, algorithms, subjects, version, created_at AS "createdAt", updated_at AS "updatedAt"`;

@Injectable()
export class PostgresTrustedIssuers implements TrustedIssuers {
  constructor(private readonly database: Database) {}

  async findByIssuer(issuer: string): Promise<TrustedIssuer | null> {
    const sql = `SELECT ${COLUMNS} FROM trusted_issuer WHERE issuer = $1`;
    return (await this.database.query<TrustedIssuer>(sql, [issuer]))[0] ?? null;
  }

  async find(id: string, tx?: Tx): Promise<TrustedIssuer | undefined> {
    const sql = `SELECT ${COLUMNS} FROM trusted_issuer WHERE id = $1`;
    return (await (tx ?? this.database).query<TrustedIssuer>(sql, [id]))[0];
  }

  async list({ limit, after }: PageRequest): Promise<ListPage<TrustedIssuer>> {
    const rows = await this.database.query<TrustedIssuer>(
      `SELECT ${COLUMNS} FROM trusted_issuer WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2`,
      [after, limit + 1],
    );
    return pageOf(rows, limit, ({ id }) => id);
  }

  async add(tx: Tx, id: string, described: TrustedIssuerInput): Promise<TrustedIssuer> {
    const rows = await tx.query<TrustedIssuer>(
      `INSERT INTO trusted_issuer (id, issuer, jwks_uri, algorithms, subjects) VALUES ($1, $2, $3, $4, $5)
       RETURNING ${COLUMNS}`,
      parametersOf(id, described),
    );
    return written(rows);
  }

  async save(tx: Tx, id: string, described: TrustedIssuerInput): Promise<TrustedIssuer> {
    const rows = await tx.query<TrustedIssuer>(
      `UPDATE trusted_issuer SET issuer = $2, jwks_uri = $3, algorithms = $4, subjects = $5, version = version + 1,
         updated_at = now()
       WHERE id = $1 RETURNING ${COLUMNS}`,
      parametersOf(id, described),
    );
    return written(rows);
  }

  async remove(tx: Tx, id: string): Promise<void> {
    await tx.query('DELETE FROM trusted_issuer WHERE id = $1', [id]);
  }
}

/** A list is written as JSON by hand: the driver would make an array of it. */
function parametersOf(id: string, { issuer, jwks_uri, algorithms, subjects }: TrustedIssuerInput): unknown[] {
  return [id, issuer, jwks_uri, algorithms, JSON.stringify(subjects)];
}

function written([row]: readonly TrustedIssuer[]): TrustedIssuer {
  if (row === undefined) throw new Error('a trusted issuer that this transaction has read is gone');
  return row;
}
