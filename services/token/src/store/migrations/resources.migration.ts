import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Services that tokens can be issued for (RFC 8707). */
export class Resources1795392100070 implements MigrationInterface {
  readonly name = 'Resources1795392100070';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE resource (
        name text PRIMARY KEY,
        url text NOT NULL,
        client_id text,
        scopes jsonb,
        authorization_details_types jsonb NOT NULL DEFAULT '[]',
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE UNIQUE INDEX resource_url_key ON resource (rtrim(url, '/'));
      COMMENT ON COLUMN resource.client_id IS 'the client that the service is';
      COMMENT ON COLUMN resource.scopes IS 'name and description each; null takes any that the client may have';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE resource');
  }
}
