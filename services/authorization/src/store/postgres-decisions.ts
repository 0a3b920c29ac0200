import { Injectable } from '@nestjs/common';
import { PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import { Database } from '@gatehouse/database';
import { patternsCovering } from '../domain/permission-pattern.ts';
import { Decisions } from './decisions.ts';
import type { PermissionsQuery, PermissionsSnapshot } from './decisions.ts';

/** A grant that counts now: inside its own time, and for a user inside the membership's. */
const COUNTS_NOW = `
  (g.not_before IS NULL OR g.not_before <= now()) AND (g.expires_at IS NULL OR g.expires_at > now())
  AND (g.member_id IS NULL OR EXISTS (
    SELECT FROM membership m
    WHERE m.organization_id = g.organization_id AND m.user_id = g.member_id
      AND (m.expires_at IS NULL OR m.expires_at > now())))`;

const READ = {
  name: 'read-permissions',
  text: `
    WITH counting AS (
      SELECT g.id, g.organization_id, g.role_id, g.permission, g.effect
      FROM permission_grant g
      WHERE g.subject_type = $1 AND g.subject_id = $2 AND g.organization_id IN ($3, '${PLATFORM_ORGANIZATION_ID}')
        AND ${COUNTS_NOW}
    ), held AS (
      SELECT c.id, c.role_id, c.permission, c.effect FROM counting c WHERE c.permission = ANY($5)
      UNION ALL
      SELECT c.id, c.role_id, r.permission, c.effect
      FROM counting c JOIN role_permission r USING (role_id) WHERE r.permission = ANY($5)
    )
    SELECT
      (SELECT scope FROM permission WHERE name = $4) AS scope,
      EXISTS (SELECT FROM organization WHERE id = $3) AS "organizationExists",
      EXISTS (SELECT FROM counting WHERE organization_id = $3)
        OR $1 = 'user' AND EXISTS (
          SELECT FROM membership
          WHERE organization_id = $3 AND user_id = $2 AND (expires_at IS NULL OR expires_at > now())
        ) AS belongs,
      COALESCE((
        SELECT json_agg(json_build_object('grantId', id, 'roleId', role_id, 'pattern', permission, 'effect', effect))
        FROM held
      ), '[]') AS held`,
};

@Injectable()
export class PostgresDecisions extends Decisions {
  constructor(private readonly database: Database) {
    super();
  }

  async read({ subject, organizationId, permission }: PermissionsQuery): Promise<PermissionsSnapshot> {
    const parameters = [subject.type, subject.id, organizationId, permission, patternsCovering(permission)];
    const [snapshot] = await this.database.query<PermissionsSnapshot>(READ, parameters);
    if (!snapshot) throw new Error('a statement that always has one row had none');
    return snapshot;
  }
}
