import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { text } from '../../input-values.ts';
import { flowPath, linkToken } from './verification-input.ts';

const linkPath = flowPath.extend({ token: linkToken });
/** A form that is only a button: browsers send it with a form's content type and no content. */
const emptyForm = z.object({});
const page = { status: 200, body: 'html' } as const;

/** The page that the link of a mail opens: one button. Opening it changes nothing, whoever (or whatever) does. */
export const showLinkPage = defineEndpoint({
  id: 'email-verification.show-link-page',
  service: 'email-verification',
  method: 'GET',
  path: '/verify/{flow_id}/{token}',
  access: 'public',
  summary: 'Show the page behind the link of a mail.',
  input: { path: linkPath },
  success: page,
  errors: [],
  errorFormat: 'page',
});

/** The button of the link's page. No session is involved, so there is none that a foreign page could ride on. */
export const confirmByLink = defineEndpoint({
  id: 'email-verification.confirm-by-link',
  service: 'email-verification',
  method: 'POST',
  path: '/verify/{flow_id}/{token}',
  access: 'public',
  summary: 'Confirm an address by the link of a mail.',
  input: { path: linkPath, form: emptyForm },
  success: page,
  errors: ['verification-invalid', 'verification-expired'],
  errorFormat: 'page',
});

/** The page on which a person types the code of a mail. */
export const showCodePage = defineEndpoint({
  id: 'email-verification.show-code-page',
  service: 'email-verification',
  method: 'GET',
  path: '/verify/{flow_id}',
  access: 'public',
  summary: 'Show the page on which the code of a mail is typed.',
  input: { path: flowPath },
  success: page,
  errors: [],
  errorFormat: 'page',
});

/** The form of the code's page. Input that is no code at all is answered 400 and costs no attempt. */
export const confirmByCode = defineEndpoint({
  id: 'email-verification.confirm-by-code',
  service: 'email-verification',
  method: 'POST',
  path: '/verify/{flow_id}',
  access: 'public',
  summary: 'Confirm an address by the code of a mail.',
  input: { path: flowPath, form: z.object({ code: text(64) }) },
  success: page,
  errors: ['verification-invalid', 'verification-expired', 'verification-locked'],
  errorFormat: 'page',
});

/** The other button of the code's page. */
export const resendFromPage = defineEndpoint({
  id: 'email-verification.resend-from-page',
  service: 'email-verification',
  method: 'POST',
  path: '/verify/{flow_id}/resend',
  access: 'public',
  summary: 'Ask for another mail from the page.',
  input: { path: flowPath, form: emptyForm },
  success: page,
  errors: [],
  errorFormat: 'page',
});
