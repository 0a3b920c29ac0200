import type { ClientMetadata } from '@gatehouse/contracts';
import { OAuthError } from '@gatehouse/problem';
import {
  registeredMetadata,
  registrationError,
  type RegistrationFault,
  type RegistrationRules,
} from '../domain/client-registration.ts';
import type { KnownResources } from '../protocol/known-resources.ts';
import type { SectorIdentifiers } from '../protocol/sector-identifiers.ts';

/** The metadata that a client asks for. Throws the error of RFC 7591 3.2.2 that the first fault is, naming all faults. */
export async function requestedMetadata(
  given: Readonly<Record<string, unknown>>,
  rules: RegistrationRules,
  { sectors, known }: { readonly sectors: SectorIdentifiers; readonly known: KnownResources },
): Promise<ClientMetadata> {
  const result = registeredMetadata(given, rules, await known.detailTypes());
  const faults = 'faults' in result ? result.faults : await sectors.faultsOf(result.metadata);
  if ('metadata' in result && faults.length === 0) return result.metadata;
  throw refusalOf(faults);
}

function refusalOf(faults: readonly RegistrationFault[]): OAuthError {
  const [first] = faults;
  const description = faults.map(({ path, detail }) => `${path.join('.')} ${detail}`).join('; ');
  return new OAuthError(first ? registrationError(first) : 'invalid_client_metadata', description.slice(0, 1_000));
}
