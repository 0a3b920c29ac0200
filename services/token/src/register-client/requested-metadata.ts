import type { ClientMetadata } from '@gatehouse/contracts';
import { OAuthError } from '@gatehouse/problem';
import { registeredMetadata, registrationError, type RegistrationRules } from '../domain/client-registration.ts';

/** The metadata that a client asks for. Throws the error of RFC 7591 3.2.2 that the first fault is, naming all faults. */
export function requestedMetadata(given: Readonly<Record<string, unknown>>, rules: RegistrationRules): ClientMetadata {
  const result = registeredMetadata(given, rules);
  if ('metadata' in result) return result.metadata;
  const [first] = result.faults;
  const description = result.faults.map(({ path, detail }) => `${path.join('.')} ${detail}`).join('; ');
  throw new OAuthError(first ? registrationError(first) : 'invalid_client_metadata', description.slice(0, 1_000));
}
