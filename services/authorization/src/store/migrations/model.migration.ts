import { PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Organisations with roles, memberships and grants, the catalog of permissions, and the epochs that say what is stale. */
export class Model1795392010000 implements MigrationInterface {
  readonly name = 'Model1795392010000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(MODEL);
    await runner.query(EPOCHS);
    await runner.query(`INSERT INTO organization (id, name) VALUES ($1, 'Gatehouse platform')`, [
      PLATFORM_ORGANIZATION_ID,
    ]);
    await runner.query('INSERT INTO organization_epoch (organization_id, epoch) VALUES ($1, 1)', [
      PLATFORM_ORGANIZATION_ID,
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE subject_epoch, organization_epoch, catalog_epoch');
    await runner.query('DROP TABLE permission_grant, membership, role_permission, role, permission, organization');
  }
}

const RESOURCE_COLUMNS = `
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now()`;

const MODEL = `
  CREATE TABLE organization (
    id uuid CONSTRAINT organization_id PRIMARY KEY,
    name text NOT NULL,
    ${RESOURCE_COLUMNS}
  );

  CREATE TABLE permission (
    name text CONSTRAINT permission_name PRIMARY KEY,
    summary text NOT NULL,
    scope text NOT NULL CHECK (scope IN ('organization', 'platform')),
    registered boolean NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now()
  );
  COMMENT ON COLUMN permission.registered IS 'by an operator; false: part of Gatehouse, kept up to date by migrate';

  CREATE TABLE role (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL CONSTRAINT role_organization REFERENCES organization,
    name text NOT NULL,
    description text NOT NULL,
    ${RESOURCE_COLUMNS},
    CONSTRAINT role_name UNIQUE (organization_id, name),
    UNIQUE (organization_id, id)
  );
  CREATE TABLE role_permission (
    role_id uuid NOT NULL REFERENCES role ON DELETE CASCADE,
    permission text NOT NULL,
    PRIMARY KEY (role_id, permission)
  );
  COMMENT ON TABLE role_permission IS 'names from the catalog and patterns, so not a reference to permission';

  CREATE TABLE membership (
    organization_id uuid NOT NULL CONSTRAINT membership_organization REFERENCES organization,
    user_id text NOT NULL,
    expires_at timestamptz(3),
    ${RESOURCE_COLUMNS},
    CONSTRAINT membership_user PRIMARY KEY (organization_id, user_id)
  );
  CREATE INDEX membership_of_user ON membership (user_id, organization_id);

  CREATE TABLE permission_grant (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL CONSTRAINT grant_organization REFERENCES organization,
    subject_type text NOT NULL CHECK (subject_type IN ('user', 'client')),
    subject_id text NOT NULL,
    member_id text GENERATED ALWAYS AS (CASE WHEN subject_type = 'user' THEN subject_id END) STORED,
    role_id uuid,
    permission text,
    effect text NOT NULL CHECK (effect IN ('allow', 'deny')),
    not_before timestamptz(3),
    expires_at timestamptz(3),
    ${RESOURCE_COLUMNS},
    CHECK ((role_id IS NULL) <> (permission IS NULL)),
    CONSTRAINT grant_role FOREIGN KEY (organization_id, role_id) REFERENCES role (organization_id, id),
    CONSTRAINT grant_member FOREIGN KEY (organization_id, member_id) REFERENCES membership (organization_id, user_id),
    CONSTRAINT grant_once UNIQUE NULLS NOT DISTINCT
      (subject_type, subject_id, organization_id, role_id, permission, effect)
  );
  COMMENT ON COLUMN permission_grant.member_id IS 'a user holds grants only as a member; a client needs no membership';
  CREATE INDEX grant_of_organization ON permission_grant (organization_id, id);
  CREATE INDEX grant_of_role ON permission_grant (role_id) WHERE role_id IS NOT NULL`;

/** Never deleted, not even with their organisation: an epoch that began again would make stale copies look fresh. */
const EPOCHS = `
  CREATE TABLE catalog_epoch (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    epoch bigint NOT NULL
  ) WITH (fillfactor = 50);
  INSERT INTO catalog_epoch (epoch) VALUES (1);
  CREATE TABLE organization_epoch (
    organization_id uuid PRIMARY KEY,
    epoch bigint NOT NULL
  ) WITH (fillfactor = 80);
  CREATE TABLE subject_epoch (
    organization_id uuid NOT NULL,
    subject_type text NOT NULL,
    subject_id text NOT NULL,
    epoch bigint NOT NULL,
    PRIMARY KEY (organization_id, subject_type, subject_id)
  ) WITH (fillfactor = 80)`;
