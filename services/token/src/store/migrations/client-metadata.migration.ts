import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Clients as RFC 7591 describes them, with up to two live secrets. */
export class ClientMetadata1795392100004 implements MigrationInterface {
  readonly name = 'ClientMetadata1795392100004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE client
        ADD metadata jsonb,
        ADD policy jsonb,
        ADD secret_hashes bytea[] NOT NULL DEFAULT '{}',
        ADD disabled_at timestamptz,
        ADD updated_at timestamptz NOT NULL DEFAULT now(),
        ADD CHECK (cardinality(secret_hashes) <= 2);
      UPDATE client SET secret_hashes = ARRAY[secret_hash],
        metadata = jsonb_build_object('redirect_uris', to_jsonb(redirect_uris), 'grant_types', to_jsonb(grant_types),
          'scope', array_to_string(scopes, ' ')),
        policy = jsonb_strip_nulls(jsonb_build_object('resources', to_jsonb(resources), 'first_party', true));
      ALTER TABLE client
        ALTER metadata SET NOT NULL,
        ALTER policy SET NOT NULL,
        DROP secret_hash, DROP redirect_uris, DROP grant_types, DROP scopes, DROP resources;
      COMMENT ON COLUMN client.metadata IS 'RFC 7591: what the client says of itself';
      COMMENT ON COLUMN client.policy IS 'what the operator decides about it';
      COMMENT ON COLUMN client.secret_hashes IS 'SHA-256; two while a secret is being replaced';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DELETE FROM client WHERE cardinality(secret_hashes) = 0;
      ALTER TABLE client ADD secret_hash bytea, ADD redirect_uris text[], ADD grant_types text[], ADD scopes text[], ADD resources text[];
      UPDATE client SET secret_hash = secret_hashes[1],
        redirect_uris = ARRAY(SELECT jsonb_array_elements_text(coalesce(metadata->'redirect_uris', '[]'))),
        grant_types = ARRAY(SELECT jsonb_array_elements_text(coalesce(metadata->'grant_types', '["authorization_code"]'))),
        scopes = string_to_array(coalesce(metadata->>'scope', ''), ' '),
        resources = CASE WHEN policy ? 'resources' THEN ARRAY(SELECT jsonb_array_elements_text(policy->'resources')) END;
      ALTER TABLE client ALTER secret_hash SET NOT NULL, ALTER redirect_uris SET NOT NULL, ALTER grant_types SET NOT NULL,
        ALTER scopes SET NOT NULL, DROP metadata, DROP policy, DROP secret_hashes, DROP disabled_at, DROP updated_at;
    `);
  }
}
