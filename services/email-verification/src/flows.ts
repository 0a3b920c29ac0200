import type { DataOf, emailFlowRequested } from '@gatehouse/contracts';
import type { Credentials } from './domain/credentials.ts';
import { alreadyRegisteredMail } from './mails/already-registered.mail.ts';
import { localeFor, type MailContent, type MailTemplate } from './mails/mail-content.ts';
import { registrationMail, type CredentialVariables } from './mails/registration.mail.ts';

export type { MailContent };
export type FlowPurpose = DataOf<typeof emailFlowRequested>['purpose'];

interface FlowBase {
  /**
   * How long a mail's credentials live, from the moment a mail server took it; but never longer than twice that from
   * the request, which is also how long sending is tried.
   */
  readonly lifetimeSeconds: number;
}

/**
 * A kind of flow, declared once. One without a credential behaves like the others in everything but its mail, so that
 * whoever asked cannot tell which of the two was started.
 */
export type FlowDeclaration = FlowBase &
  (
    | { readonly credential: 'code-and-link'; readonly mail: MailTemplate<CredentialVariables> }
    | { readonly credential: 'none'; readonly mail: MailTemplate<void> }
  );

const DAY_SECONDS = 86_400;

export const flows: Readonly<Record<FlowPurpose, FlowDeclaration>> = {
  registration: { credential: 'code-and-link', lifetimeSeconds: DAY_SECONDS, mail: registrationMail },
  'already-registered': { credential: 'none', lifetimeSeconds: DAY_SECONDS, mail: alreadyRegisteredMail },
};

/** One message of a flow, as far as its content depends on it. */
export interface MessageToRender {
  readonly flowId: string;
  readonly purpose: FlowPurpose;
  readonly locale: string | null;
  /** The credentials of this message. */
  readonly credentials: Credentials;
  /** Base URL of the pages that a person can reach. */
  readonly publicUrl: string;
}

/** The content of a message: the same whenever it is asked for, and never stored. */
export function renderMail({ flowId, purpose, locale, credentials, publicUrl }: MessageToRender): MailContent {
  const flow = flows[purpose];
  const language = localeFor(locale);
  if (flow.credential === 'none') return flow.mail[language]();
  return flow.mail[language]({
    code: `${credentials.code.slice(0, 4)}-${credentials.code.slice(4)}`,
    link: `${publicUrl}/verify/${flowId}/${credentials.token}`,
    lifetimeHours: flow.lifetimeSeconds / 3_600,
  });
}
