import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a device asked for in detail (RFC 9396). */
export class DeviceAuthorizationDetails1795392100072 implements MigrationInterface {
  readonly name = 'DeviceAuthorizationDetails1795392100072';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query("ALTER TABLE device_authorization ADD authorization_details jsonb NOT NULL DEFAULT '[]'");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE device_authorization DROP authorization_details');
  }
}
