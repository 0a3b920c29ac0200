import { z } from 'zod';

const wish = z
  .looseObject({
    essential: z.boolean().optional(),
    value: z.unknown().optional(),
    values: z.array(z.unknown()).optional(),
  })
  .nullable();
/** The `claims` parameter (OIDC Core 5.5): single claims that a client asks for, beside those of its scopes. */
export const claimsRequest = z.looseObject({
  userinfo: z.record(z.string(), wish).optional(),
  id_token: z.record(z.string(), wish).optional(),
});

export type ClaimsRequest = z.output<typeof claimsRequest>;
