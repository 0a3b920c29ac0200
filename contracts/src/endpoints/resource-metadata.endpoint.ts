import { z } from 'zod';
import { defineEndpoint } from '../define-endpoint.ts';
import type { Service } from '../define-topic.ts';

const strings = z.array(z.string()).min(1);
/** RFC 9728 2; what would be an empty list is left out (3.2). */
const metadata = z.object({
  resource: z.url().describe('the audience of its tokens'),
  authorization_servers: z.array(z.url()).min(1),
  scopes_supported: strings.optional(),
  bearer_methods_supported: z.array(z.literal('header')),
  dpop_signing_alg_values_supported: strings.optional(),
});
export type ResourceMetadata = z.output<typeof metadata>;

/** RFC 9728 3: what a client needs to know to get a token for the service; challenges name its URL (5.1). */
const of = (service: Service) =>
  defineEndpoint({
    id: `${service}.read-resource-metadata`,
    service,
    method: 'GET',
    path: '/.well-known/oauth-protected-resource',
    access: 'public',
    summary: 'OAuth protected resource metadata.',
    input: {},
    success: { status: 200, body: metadata },
    errors: [],
  });

export const readTokenResourceMetadata = of('token');
export const readAuthorizationResourceMetadata = of('authorization');
export const readAuditLogResourceMetadata = of('audit-log');
export const readEmailVerificationResourceMetadata = of('email-verification');
