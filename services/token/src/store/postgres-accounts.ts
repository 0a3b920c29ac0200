import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '@gatehouse/database';
import { Accounts, type Account, type LoginAccount, type NewAccount, type Registration } from './accounts.ts';

const ACCOUNT = `a.id, a.address_id AS "addressId", a.address, a.locale, a.verified_at AS "verifiedAt",
  a.last_login_at AS "lastLoginAt"`;

@Injectable()
export class PostgresAccounts implements Accounts {
  constructor(private readonly database: Database) {}

  async findForLogin(addressKey: string): Promise<LoginAccount | null> {
    const [account] = await this.database.query<LoginAccount>(
      `SELECT ${ACCOUNT}, a.version, coalesce(a.password_hash, newest.password_hash) AS "passwordHash", newest.flow_id AS "flowId"
       FROM account a LEFT JOIN LATERAL (
         SELECT flow_id, password_hash FROM registration
         WHERE account_id = a.id AND a.verified_at IS NULL ORDER BY flow_id DESC LIMIT 1
       ) newest ON true
       WHERE a.address_key = $1`,
      [addressKey],
    );
    return account ?? null;
  }

  async find(id: string): Promise<Account | null> {
    const [account] = await this.database.query<Account>(`SELECT ${ACCOUNT} FROM account a WHERE a.id = $1`, [id]);
    return account ?? null;
  }

  async findByFlow(flowId: string): Promise<Account | null> {
    const [account] = await this.database.query<Account>(
      `SELECT ${ACCOUNT} FROM account a JOIN registration r ON r.account_id = a.id WHERE r.flow_id = $1`,
      [flowId],
    );
    return account ?? null;
  }

  async add(tx: Tx, account: NewAccount): Promise<boolean> {
    const added = await tx.query(
      `INSERT INTO account (id, address_id, address, address_key, locale, created_at)
       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (address_key) DO NOTHING RETURNING id`,
      [account.id, account.addressId, account.address, account.addressKey, account.locale, account.createdAt],
    );
    return added.length > 0;
  }

  async addRegistration(tx: Tx, { flowId, accountId, passwordHash, createdAt }: Registration): Promise<void> {
    await tx.query(
      'INSERT INTO registration (flow_id, account_id, password_hash, created_at) VALUES ($1, $2, $3, $4)',
      [flowId, accountId, passwordHash, createdAt],
    );
  }

  async repeatRegistration(tx: Tx, earlierFlowId: string, flowId: string, now: Date): Promise<boolean> {
    const added = await tx.query(
      `INSERT INTO registration (flow_id, account_id, password_hash, created_at)
       SELECT $2, account_id, password_hash, $3 FROM registration WHERE flow_id = $1 RETURNING flow_id`,
      [earlierFlowId, flowId, now],
    );
    return added.length > 0;
  }

  async verify(tx: Tx, proof: { accountId: string; addressId: string; flowId: string }, now: Date): Promise<boolean> {
    const verified = await tx.query(
      `WITH verified AS (
         UPDATE account a SET verified_at = $4, password_hash = r.password_hash
         FROM registration r
         WHERE r.flow_id = $3 AND r.account_id = a.id AND a.id = $1 AND a.address_id = $2 AND a.verified_at IS NULL
         RETURNING a.id
       ), forgotten AS (DELETE FROM registration r USING verified WHERE r.account_id = verified.id)
       SELECT id FROM verified`,
      [proof.accountId, proof.addressId, proof.flowId, now],
    );
    return verified.length > 0;
  }

  /** FOR UPDATE conflicts with the foreign key check of a new grant; a plain UPDATE of the version would not. */
  async raiseVersion(tx: Tx, accountId: string): Promise<number | null> {
    await tx.query('SELECT FROM account WHERE id = $1 FOR UPDATE', [accountId]);
    const [raised] = await tx.query<{ version: number }>(
      'UPDATE account SET version = version + 1 WHERE id = $1 RETURNING version',
      [accountId],
    );
    return raised?.version ?? null;
  }

  async recordLogin(tx: Tx, accountId: string, ipAddress: string | null, now: Date): Promise<void> {
    await tx.query('UPDATE account SET last_login_at = $2, ip_address = $3, failed_login_attempts = 0 WHERE id = $1', [
      accountId,
      now,
      ipAddress,
    ]);
  }

  async recordFailedLogin(tx: Tx, accountId: string | null): Promise<void> {
    await tx.query('UPDATE account SET failed_login_attempts = failed_login_attempts + 1 WHERE id = $1', [accountId]);
  }
}
