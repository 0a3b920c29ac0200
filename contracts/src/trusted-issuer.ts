import { z } from 'zod';
import { signingAlgorithms } from './client-metadata.ts';
import { clientId, url } from './input-values.ts';

const SUBJECTS_CHARACTERS_MAX = 16_384;

/** RFC 6749 3.3; what workloads' issuers write is printable ASCII too, so that characters are bytes. */
const scope = z
  .string()
  .max(1_000)
  .regex(/^([\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*)?$/, 'must be names separated by single spaces');

const mappedSubject = z.strictObject({
  subject: z
    .string()
    .min(1)
    .max(500)
    .regex(/^[\x20-\x7e]+$/, 'must be printable ASCII')
    .describe('the claim `sub` of the workload, compared exactly'),
  client_id: clientId.min(1).describe('the client that the workload is'),
  scope: scope.default('').describe('what it may ask for, space-separated, within what the client may'),
});

const once = (values: readonly string[]) => new Set(values).size === values.length;

/** An issuer of assertions that count as a grant (RFC 7523 2.1): the identity provider of a cluster or of a CI system. */
export const trustedIssuerInput = z.strictObject({
  issuer: url(/^https?$/).describe('the claim `iss`, compared exactly'),
  jwks_uri: url(/^https?$/).describe('where its public keys are'),
  algorithms: z
    .array(z.enum(signingAlgorithms))
    .min(1)
    .max(signingAlgorithms.length)
    .refine(once, 'must name each algorithm once'),
  subjects: z
    .array(mappedSubject)
    .max(100)
    .refine((list) => once(list.map(({ subject }) => subject)), 'must name each subject once')
    .refine((list) => JSON.stringify(list).length <= SUBJECTS_CHARACTERS_MAX, 'are too long all together'),
});
export type TrustedIssuerInput = z.output<typeof trustedIssuerInput>;

export const trustedIssuerInputExample: TrustedIssuerInput = {
  issuer: 'https://token.actions.githubusercontent.com',
  jwks_uri: 'https://token.actions.githubusercontent.com/.well-known/jwks',
  algorithms: ['RS256'],
  subjects: [
    {
      subject: 'repo:example/engine:ref:refs/heads/main',
      client_id: 'client-0198f0c27a527c3e9a600d6f4d1b2a04',
      scope: 'deployments:write',
    },
  ],
};

/** As events tell it. */
export const trustedIssuerData = trustedIssuerInput.extend({ trusted_issuer_id: z.uuid() }).strip();
export const trustedIssuerDataExample = {
  trusted_issuer_id: '0198f0c2-7a52-7c3e-9a60-0d6f4d1b2a17',
  ...trustedIssuerInputExample,
};
