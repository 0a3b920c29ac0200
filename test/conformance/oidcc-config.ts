import { plan } from './module.ts';
import type { Provider } from './provider.ts';

/** `oidcc-config-certification-test-plan`: OpenID Connect Discovery 1.0 sections 3 and 4. */
export function oidccConfig(of: () => Provider): void {
  plan('oidcc-config-certification-test-plan', (module) => {
    module('oidcc-discovery-endpoint-verification', () => verifyDiscovery(of));
  });
}

/** Also a module of the dynamic plan. */
export async function verifyDiscovery(of: () => Provider): Promise<void> {
  const { issuer } = of();
  const response = await fetch(`${issuer}/.well-known/openid-configuration`);
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  const document = (await response.json()) as Record<string, unknown>;
  expect(document).toMatchObject({
    issuer,
    response_types_supported: ['code'],
    subject_types_supported: expect.arrayContaining(['public']) as string[],
    id_token_signing_alg_values_supported: expect.arrayContaining(['RS256']) as string[],
    scopes_supported: expect.arrayContaining(['openid']) as string[],
    claims_parameter_supported: true,
  });
  for (const member of ['authorization_endpoint', 'token_endpoint', 'userinfo_endpoint', 'registration_endpoint'])
    expect(String(document[member]).startsWith(`${issuer}/`)).toBe(true);
  const { keys } = (await (await fetch(String(document['jwks_uri']))).json()) as { keys: Record<string, string>[] };
  expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length);
  for (const key of keys) expect(Object.keys(key).filter((name) => ['d', 'p', 'q', 'k'].includes(name))).toEqual([]);
  expect(keys.map(({ alg }) => alg)).toEqual(expect.arrayContaining(['RS256', 'ES256']));
}
