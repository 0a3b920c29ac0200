import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Refresh tokens of public clients are bound to the certificate that the client showed first (RFC 8705 4). */
export class CertificateBoundGrants1795392100091 implements MigrationInterface {
  readonly name = 'CertificateBoundGrants1795392100091';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE token_grant ADD certificate_s256 text;
      COMMENT ON COLUMN token_grant.certificate_s256 IS 'the certificate without which a public client cannot refresh';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE token_grant DROP certificate_s256');
  }
}
