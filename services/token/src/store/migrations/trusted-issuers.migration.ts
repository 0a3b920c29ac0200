import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Issuers whose assertions are a grant of the token endpoint (RFC 7523 2.1). */
export class TrustedIssuers1795600100000 implements MigrationInterface {
  readonly name = 'TrustedIssuers1795600100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE trusted_issuer (
        id uuid PRIMARY KEY,
        issuer text NOT NULL,
        jwks_uri text NOT NULL,
        algorithms text[] NOT NULL,
        subjects jsonb NOT NULL,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT trusted_issuer_issuer_key UNIQUE (issuer)
      );
      COMMENT ON COLUMN trusted_issuer.subjects IS 'which client each workload is: subject, client_id and scope';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE trusted_issuer');
  }
}
