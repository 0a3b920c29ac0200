import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a logout has to find: everything that a session led to. */
export class Logout1795392100052 implements MigrationInterface {
  readonly name = 'Logout1795392100052';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX token_grant_session ON token_grant (session_id);
      CREATE INDEX authorization_code_session ON authorization_code (session_id);
      CREATE INDEX device_authorization_session ON device_authorization (session_id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX token_grant_session, authorization_code_session, device_authorization_session');
  }
}
