import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Clients that nobody registered: their id is the URL of what they say of themselves. */
export class ClientDocuments1795392100092 implements MigrationInterface {
  readonly name = 'ClientDocuments1795392100092';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE client ADD document_read_at timestamptz;
      COMMENT ON COLUMN client.document_read_at IS 'when the metadata document at the id was read; null for registered clients';
      CREATE INDEX client_document ON client (document_read_at) WHERE document_read_at IS NOT NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DELETE FROM client WHERE document_read_at IS NOT NULL;
      ALTER TABLE client DROP document_read_at;
    `);
  }
}
