import { clientMetadata, clientPolicy, type createClient, type InputOf } from '@gatehouse/contracts';
import { Problem } from '@gatehouse/problem';
import { fapi2Faults } from '../domain/fapi.ts';
import { registrationFaults, withDependentDefaults, type RegistrationRules } from '../domain/client-registration.ts';
import type { ClientDescription } from '../protocol/client-registry.ts';
import type { SectorIdentifiers } from '../protocol/sector-identifiers.ts';

/** What an administrator asks for, whole. Throws `invalid-input` with everything that is wrong with it. */
export async function describedClient(
  { metadata: given, policy }: InputOf<typeof createClient>['json'],
  rules: RegistrationRules,
  sectors: SectorIdentifiers,
): Promise<ClientDescription> {
  const metadata = clientMetadata.parse(withDependentDefaults(given));
  const wholePolicy = clientPolicy.parse(policy ?? {});
  const ofProfile = wholePolicy.security_profile === 'fapi2' ? fapi2Faults(metadata) : [];
  const known = [...registrationFaults(metadata, rules), ...ofProfile];
  const faults = known.length > 0 ? known : await sectors.faultsOf(metadata);
  if (faults.length === 0) return { metadata, policy: wholePolicy };
  const errors = faults.map(({ path, detail }) => ({ pointer: `#/${['metadata', ...path].join('/')}`, detail }));
  throw new Problem('invalid-input', { errors });
}
