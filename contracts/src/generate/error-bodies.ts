import { z } from 'zod';

/** The body of every problem answer (RFC 9457), media type `application/problem+json`. */
export const problemBody = z
  .object({
    type: z.string().describe('`urn:gatehouse:problem:<code>`'),
    title: z.string().describe('the same for every occurrence'),
    status: z.int(),
    detail: z.string().optional().describe('what happened in this occurrence'),
    code: z.string(),
    request_id: z.string().describe('the value of the x-request-id response header'),
    errors: z
      .array(
        z.object({
          pointer: z.string().optional().describe('pointer into the request body, as a URI fragment (RFC 6901 6)'),
          parameter: z.string().optional().describe('name of the path, query or header parameter'),
          detail: z.string(),
        }),
      )
      .optional()
      .describe('every fault of the request, for `invalid-input`'),
  })
  .meta({ title: 'Problem' });

/** The body of an error of an OAuth endpoint (RFC 6749 5.2). */
export const oauthErrorBody = z
  .object({ error: z.string(), error_description: z.string().optional() })
  .meta({ title: 'OAuthError' });
