import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was asked for and granted in detail (RFC 9396). */
export class AuthorizationDetails1795392100071 implements MigrationInterface {
  readonly name = 'AuthorizationDetails1795392100071';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE authorization_code ADD authorization_details jsonb NOT NULL DEFAULT '[]';
      ALTER TABLE token_grant ADD authorization_details jsonb NOT NULL DEFAULT '[]';
      COMMENT ON COLUMN token_grant.authorization_details IS 'RFC 9396, beside scope';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE authorization_code DROP authorization_details;
      ALTER TABLE token_grant DROP authorization_details;
    `);
  }
}
