import type { TrustedIssuerInput } from '@gatehouse/contracts';
import { redirectUriFault } from './redirect-uri.ts';

export interface TrustedIssuerRules {
  /** Our own, which issues access tokens and no assertions. */
  readonly issuer: string;
  readonly loopbackWeb: boolean;
}

/** What is wrong with an issuer that an administrator wants to trust. */
export function trustedIssuerFaults({ issuer, jwks_uri }: TrustedIssuerInput, rules: TrustedIssuerRules) {
  const { loopbackWeb } = rules;
  const web = { applicationType: 'web', loopbackWeb } as const;
  return [
    { pointer: '#/issuer', detail: issuer === rules.issuer ? 'must be another issuer than this one' : null },
    { pointer: '#/issuer', detail: redirectUriFault(issuer, web) },
    { pointer: '#/jwks_uri', detail: redirectUriFault(jwks_uri, web) },
  ].flatMap(({ pointer, detail }) => (detail === null ? [] : [{ pointer, detail }]));
}

/** Whom an issuer speaks about: the workload's client, and what it may ask for. Compared exactly, so no pattern is too wide. */
export function mappedSubject({ subjects }: TrustedIssuerInput, subject: string) {
  return subjects.find((one) => one.subject === subject);
}
