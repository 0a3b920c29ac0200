import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Authorization requests with everything that OpenID Connect lets them say, and what people agreed to. Requests and codes
 * that wait at this moment are dropped: they live for minutes, and their clients ask again.
 */
export class OpenIdRequests1795392100005 implements MigrationInterface {
  readonly name = 'OpenIdRequests1795392100005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DELETE FROM authorization_request;
      ALTER TABLE authorization_request
        DROP redirect_uri, DROP state, DROP nonce, DROP code_challenge, DROP scope, DROP resources,
        ADD request jsonb NOT NULL,
        ADD requested_at timestamptz NOT NULL;
      COMMENT ON COLUMN authorization_request.request IS 'the checked request';

      DELETE FROM authorization_code;
      ALTER TABLE authorization_code
        ALTER code_challenge DROP NOT NULL,
        ADD claims jsonb,
        ADD acr text NOT NULL,
        ADD amr text[] NOT NULL,
        ADD dpop_jkt text;

      ALTER TABLE browser_session ADD acr text NOT NULL DEFAULT 'urn:gatehouse:acr:password', ADD amr text[] NOT NULL DEFAULT '{pwd}';
      ALTER TABLE browser_session ALTER acr DROP DEFAULT, ALTER amr DROP DEFAULT;

      ALTER TABLE token_grant
        ADD acr text NOT NULL DEFAULT 'urn:gatehouse:acr:password',
        ADD amr text[] NOT NULL DEFAULT '{pwd}',
        ADD claims jsonb;
      ALTER TABLE token_grant ALTER acr DROP DEFAULT, ALTER amr DROP DEFAULT;
      COMMENT ON COLUMN token_grant.claims IS 'the claims request parameter (OIDC Core 5.5)';

      CREATE TABLE consent (
        account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
        client_id text NOT NULL REFERENCES client ON DELETE CASCADE,
        scope text[] NOT NULL,
        given_at timestamptz NOT NULL,
        PRIMARY KEY (account_id, client_id)
      );
      CREATE INDEX consent_client ON consent (client_id);
      COMMENT ON TABLE consent IS 'what an account has allowed a client; first-party clients need none';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE consent;
      ALTER TABLE token_grant DROP acr, DROP amr, DROP claims;
      ALTER TABLE browser_session DROP acr, DROP amr;
      DELETE FROM authorization_code;
      ALTER TABLE authorization_code ALTER code_challenge SET NOT NULL, DROP claims, DROP acr, DROP amr, DROP dpop_jkt;
      DELETE FROM authorization_request;
      ALTER TABLE authorization_request DROP request, DROP requested_at, ADD redirect_uri text NOT NULL, ADD state text, ADD nonce text,
        ADD code_challenge text NOT NULL, ADD scope text[] NOT NULL, ADD resources text[] NOT NULL;
    `);
  }
}
