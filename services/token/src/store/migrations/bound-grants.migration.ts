import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Refresh tokens of public clients are bound to the key that the client proved first (RFC 9449 5). */
export class BoundGrants1795392100006 implements MigrationInterface {
  readonly name = 'BoundGrants1795392100006';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE token_grant ADD dpop_jkt text;
      COMMENT ON COLUMN token_grant.dpop_jkt IS 'the key without which a public client cannot refresh';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE token_grant DROP dpop_jkt');
  }
}
